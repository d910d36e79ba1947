"""Whether outgoing mail is stuck, in a sentence for health, log and leads; and the list of what waits. Reads the ledger, sends nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from chat.events.delivery import MailDelayed
from chat.ledger import deliveries, read
from chat.ledger.backlog import Backlog, backlog
from chat.ledger.deliveries import SECOND, Stuck
from chat.ledger.event import Audience
from chat.people.models import Site
from mailgateway import addressee, channel

WAITED = 60.0
"""Seconds from which on a mail stands on the list."""
MANY = 10
"""So many mails that were put off again and again are no single reader's trouble any more."""
LOOKED_AT = 300
"""Entries behind a mailed one in which the last word about it is looked for."""
REMEMBERED = 15.0
_guard = threading.Lock()
_last: tuple[float, str] = (0.0, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row of the list."""

    row: int
    conversation: int
    case: str
    to: str
    """The address, masked: the whole one stands in the conversation."""
    since: datetime
    attempts: int
    said: str
    next_at: datetime | None
    """None while it is being sent."""


def trouble(found: Backlog | None = None) -> str:
    """What is wrong with outgoing mail, or nothing. `found` as health saw it just now. Raises DatabaseError if the store is away."""
    found = found or backlog()
    minutes = settings.MAIL_STUCK
    if found.deliveries_late_seconds > minutes * 60:
        late = f"mail that goes out is sent {found.deliveries_late_seconds / 60:.0f} min late"
        return f"{late}: is the relay away, and does a process with the role work run?"
    if found.deliveries_put_off >= MANY and found.deliveries_oldest_seconds > minutes * 60:
        return f"{found.deliveries_put_off} mails were put off again and again: look at what the relay says about them"
    return ""


def trouble_lately() -> str:
    """The same, as it was a moment ago: for what is asked often."""
    global _last
    with _guard:
        if time.monotonic() - _last[0] > REMEMBERED or not _last[0]:
            _last = (time.monotonic(), trouble())
        return _last[1]


def listed(sites: Collection[Site], *, after: int = 0, limit: int = 50) -> list[Shown]:
    """What waits at these sites, the oldest first."""
    known = {site.pk: site for site in sites}
    return [_shown(one, known) for one in deliveries.stuck(channel.NAME, sites=list(known), since=WAITED, after=after, limit=limit)]


def address_of(one: Stuck) -> str:
    """To whom it goes."""
    head = read.head(one.parcel.conversation)
    return addressee.of(head, one.parcel.target).address if head else ""


def masked(address: str) -> str:
    """n…@customer.example"""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}" if at else ""


def _shown(one: Stuck, sites: dict[int, Site]) -> Shown:
    parcel = one.parcel
    head = read.head(parcel.conversation)
    site = sites.get(head.site) if head else None
    return Shown(
        row=parcel.id,
        conversation=parcel.conversation,
        case=site.case(head.number) if head and site else "",
        to=masked(addressee.of(head, parcel.target).address) if head else "",
        since=_moment(parcel.created_at),
        attempts=parcel.attempt,
        said=_last_words(parcel.conversation, parcel.position),
        next_at=None if one.in_hand else _moment(one.next_at),
    )


def _last_words(conversation: int, position: int) -> str:
    near = read.events(conversation, audience=Audience.EVERYONE, after=position, limit=LOOKED_AT)
    said = [entry.body.said for entry in near if isinstance(entry.body, MailDelayed) and entry.body.of == position]
    return said[-1] if said else ""


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / SECOND, UTC)
