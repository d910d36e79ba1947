"""Where outgoing mail is kept when no relay is set: on disk like everything else, to be read and answered on a page of ours."""

from __future__ import annotations

from chat.ledger import blobs, received
from chat.ledger.received import KEPT, Arrival

SOURCE = "local-mailbox"


def keep(raw: bytes, *, sender: str, to: str, identifier: str, subject: str, conversation: int) -> int:
    """Keep one mail; the same Message-ID again is the same mail. Returns its number."""
    for arrival in received.listed(SOURCE, KEPT, limit=20):
        if arrival.envelope.get("message_id") == identifier:
            return arrival.id
    envelope = {"sender": sender, "to": to, "message_id": identifier, "subject": subject, "conversation": str(conversation)}
    return received.keep(SOURCE, blobs.store(raw), envelope, state=KEPT, conversation=conversation)


def mails(*, before: int | None = None, limit: int = 50) -> list[Arrival]:
    """The latest first."""
    return received.listed(SOURCE, KEPT, before=before, limit=limit)


def mail(number: int) -> Arrival | None:
    found = received.get(number)
    return found if found is not None and found.source == SOURCE else None


def raw(arrival: Arrival) -> bytes:
    with blobs.open_blob(arrival.digest) as file:
        return file.read()
