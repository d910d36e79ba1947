"""Quarantined mail: what an agent's click does with it. The mail goes back to the intake with the decision in its envelope."""

from __future__ import annotations

from chat.ledger import received
from chat.ledger.received import TAKEN, Arrival
from chat.people.models import Site
from mailgateway import addresses, inbound, known_mails
from mailgateway.deciding import contents, opening
from mailgateway.deciding.verdict import Verdict, quarantined, taken


def accept(row: int, *, by: str, conversation: int | None = None) -> bool:
    """Take it in after all: into `conversation`, or as a new one. False if somebody was quicker."""
    arrival = received.get(row)
    if arrival is None:
        return False
    decision = {"by": by, "conversation": str(conversation or "")}
    done = received.again(row, {**arrival.envelope, "accepted": decision})
    if done:
        inbound.bell.ring()
    return done


def unread(arrival: Arrival, raw: bytes, reason: str) -> Verdict:
    """The verdict about a mail that the parser could not read: set aside; once accepted, it opens a conversation as an attachment."""
    if not arrival.envelope.get("accepted"):
        return quarantined(reason)
    key = contents.key_of(None, raw)
    before = known_mails.known(key)
    if before is not None:
        return Verdict(state=TAKEN, conversation=before)
    site = Site.objects.filter(pk=addresses.site_of(tuple(arrival.envelope.get("recipients", ())))).first()
    if site is None:
        return quarantined("There is no site yet for which this mail could be.")
    said = contents.unread(len(raw), original=arrival.digest, address=str(arrival.envelope.get("sender", "")))
    return taken(opening.command(said, site, key=key, rows=known_mails.names(key, "", 0), acknowledge=False))
