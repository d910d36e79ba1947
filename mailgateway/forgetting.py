"""Copies of mails beside the record that go with what was crossed out: the local mailbox, and mails of a person that reached no record."""

from __future__ import annotations

from collections.abc import Iterable

from chat.ledger import blobs, copies, read, received, replay
from chat.ledger.copies import Gone
from chat.ledger.received import Arrival
from chat.people import found
from mailgateway import inbound, keys, message_id
from mailgateway.message_id import Sent
from mailgateway.reading import headers
from mailgateway.sending import local_mailbox

HEAD = 256 * 1024
"""Octets of a mail in which its author is looked for."""
RAW = "original"


def in_local_mailbox(gone: Gone) -> None:
    """The mails about entries that lost something, and those whose copy in the record is crossed out because they repeat it."""
    rows = received.of_conversation(local_mailbox.SOURCE, gone.conversation)
    if not rows:
        return
    positions = set(gone.entries) | {of for place in gone.entries if (of := _mailed(gone, place))}
    received.remove([row.id for row in rows if gone.ended or _position(row) in positions])


def of_person(ref: str) -> None:
    """Codes that were mailed to them, and mails of theirs that nobody took into a record."""
    number = ref.partition(":")[2]
    person = found.by_number(int(number)) if number.isdigit() else None
    addresses = {address for address, _ in person.addresses} if person else set()
    if not addresses:
        return
    loose = received.loose((inbound.SOURCE, local_mailbox.SOURCE))
    received.remove([row.id for row in loose if _is_of(row, addresses)])


def _mailed(gone: Gone, place: int) -> int:
    """The entry that a mail was about whose copy in the record is gone; 0 for any other."""
    if RAW not in gone.entries[place]:
        return 0
    entry = read.entry(gone.conversation, place)
    return int(entry.values.get("of", 0)) if entry else 0


def _position(row: Arrival) -> int:
    sent = message_id.read(str(row.envelope.get("message_id", "")), keys.identifier())
    return sent.position if isinstance(sent, Sent) else 0


def _is_of(row: Arrival, addresses: set[str]) -> bool:
    named = {str(row.envelope.get("sender", "")).lower(), str(row.envelope.get("to", "")).lower()}
    return bool(named & addresses) or bool(addresses & {address.lower() for address in _authors(row)})


def _authors(row: Arrival) -> Iterable[str]:
    try:
        with blobs.open_blob(row.digest) as file:
            head = file.read(HEAD).replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    except FileNotFoundError:
        return
    known = headers.fields(head)
    for name in ("from", "reply-to", "sender"):
        for value in headers.every(known, name):
            yield from (box.address for box in headers.addresses(value))


copies.register("local mailbox", in_local_mailbox)
replay.register_person(of_person)
