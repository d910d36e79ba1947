"""Which mail of ours a report is about. Reads the ledger; what follows from the report is decided elsewhere.

By the signed envelope sender it came back to, by a signed Message-ID anywhere in it, by any other sign of ours in what it returns, and
last by the address that was not reached. The last is no proof: anybody can write that somebody was not reached.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat.ledger import deliveries, read
from chat.ledger.deliveries import Parcel
from chat.people.models import Address
from mailgateway import addressee, channel, message_id
from mailgateway.deciding.item import Item
from mailgateway.message_id import Sent
from mailgateway.reports import bounce_text

DAYS = 5
"""How long after a mail a report that names no more than its recipient is taken to be about it."""
MAX_SCANNED = 1024 * 1024
MAX_SIGNS = 50
MAX_ADDRESSES = 5000
LONGEST = 125
MAX_PEOPLE = 20
_SECOND = 1_000_000
# Backwards from the @, so that each place costs its own length and no more.
_SIGN = re.compile(r"[A-Za-z2-7]{30,60}[.+][A-Za-z0-9._=+-]{0,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Our mail: the event it carried and to whom it went. `proven` is False where only an address speaks for it."""

    parcel: Parcel
    address: str
    site: int
    proven: bool


def find(item: Item) -> Found | None:
    """The mail of ours, or None if nothing here is known to be meant."""
    for sent in _signed(item):
        parcel = deliveries.of(sent.conversation, sent.position, channel.NAME, target=f"customer:{sent.addressee}")
        parcel = parcel or deliveries.of(sent.conversation, sent.position, channel.NAME)
        if parcel is not None:
            return _found(parcel, proven=True)
    for hit in item.found.trail.hits:
        parcel = deliveries.latest([hit.conversation], f"customer:{hit.addressee}" if hit.addressee else "", channel.NAME)
        if parcel is not None:
            return _found(parcel, proven=True)
    parcel = _to(_recipient(item))
    return _found(parcel, proven=False) if parcel is not None else None


def _found(parcel: Parcel, *, proven: bool) -> Found | None:
    head = read.head(parcel.conversation)
    if head is None:
        return None
    return Found(parcel=parcel, address=addressee.of(head, parcel.target).address, site=head.site, proven=proven)


def _signed(item: Item) -> Iterator[Sent]:
    """Every signed name of one mail, the surest first, each once."""
    told: set[Sent] = set()
    for one in _names(item):
        sent = message_id.read_envelope_recipient(one, item.keys.envelope)
        if not isinstance(sent, Sent):
            sent = message_id.read(one, item.keys.identifier)
        if isinstance(sent, Sent) and sent not in told:
            told.add(sent)
            yield sent


def _names(item: Item) -> Iterator[str]:
    yield from item.recipients
    yield from item.mail.delivered_to
    yield from (box.address for box in item.mail.to)
    yield from item.judged.bounce.ids
    if item.judged.complaint is not None:
        yield from item.judged.complaint.ids
    yield from bounce_text.identifiers(item.mail)
    yield from _written(_texts(item))


def _texts(item: Item) -> Iterator[str]:
    """Whatever part of the report may hold our mail, however the report was built."""
    yield item.mail.text[:MAX_SCANNED]
    left = MAX_SCANNED
    for file in item.mail.attachments:
        piece = file.content[: min(left, MAX_SCANNED // 4)]
        left -= len(piece)
        yield piece.decode("ascii", "replace")
    yield item.raw[:MAX_SCANNED].decode("ascii", "replace")


def _written(texts: Iterable[str]) -> Iterator[str]:
    """What looks like a name that we gave: a tag before an @, and the domain after it."""
    looked_at = given = 0
    for text in texts:
        at = text.find("@")
        while at >= 0 and looked_at < MAX_ADDRESSES and given < MAX_SIGNS:
            looked_at += 1
            sign = _SIGN.match(text[max(0, at - LONGEST) : at][::-1])
            if sign:
                given += 1
                domain = _DOMAIN.match(text, at + 1)
                yield f"{sign[0][::-1]}@{domain[0] if domain else ''}"
            at = text.find("@", at + 1)


def _recipient(item: Item) -> str:
    complaint = item.judged.complaint
    return (complaint.recipient if complaint is not None else item.judged.bounce.recipient).lower()


def _to(address: str) -> Parcel | None:
    """The latest mail to this address, if there was one within DAYS."""
    if not address:
        return None
    people = Address.objects.filter(address=address).order_by("-id").values_list("customer_id", flat=True)[:MAX_PEOPLE]
    since = time.time_ns() // 1000 - DAYS * 24 * 3600 * _SECOND
    found: list[Parcel] = []
    for ref in (f"customer:{number}" for number in people):
        heads = read.conversations_of(ref, limit=MAX_PEOPLE)
        here = [head.conversation for head in heads if addressee.of(head, ref).address.lower() == address]
        parcel = deliveries.latest(here, ref, channel.NAME, since=since)
        if parcel is not None:
            found.append(parcel)
    return max(found, key=lambda parcel: parcel.created_at, default=None)
