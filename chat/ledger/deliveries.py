"""Events on their way out: couriers take what is due of their route, and say by an event (with the row `Told`) what became of it.

Knows no channel; a route is a name.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, QuerySet

from chat.ledger.columns import ON_ITS_WAY
from chat.ledger.models import Delivery

QUEUED, SENT, ACCEPTED, DELAYED, BOUNCED = "queued", "sent", "accepted", "delayed", "bounced"
"""The one list of states; the last word of the events mail.* is the same."""
SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One delivery in a courier's hand: which event goes to whom, and for the how manieth time it is tried."""

    id: int
    conversation: int
    position: int
    route: str
    target: str
    state: str
    attempt: int
    created_at: int
    """Microseconds since 1970 in UTC."""


def to_do() -> QuerySet[Delivery]:
    """What couriers still have to carry, of all routes."""
    # Written out: for values that come in as parameters SQLite does not see that the index of what is to do holds them.
    return Delivery.objects.extra(where=[f"chat_delivery.state IN {ON_ITS_WAY}"])  # noqa: S610  # a constant of ours


def take(route: str, *, limit: int, lease: float, now: int = 0) -> list[Parcel]:
    """What is due and in nobody's hand, oldest first, leased for `lease` seconds; the attempt is counted. `now` as in `Parcel`."""
    now = now or _now()
    due = to_do().filter(route=route, not_before__lte=now, lease__lte=now).order_by("not_before", "id")
    if not due.exists():
        return []
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True)[:limit])
        ids = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=ids).update(lease=now + int(lease * SECOND), attempts=F("attempts") + 1)
    return [_parcel(row, attempt=row.attempts + 1) for row in sorted(rows, key=lambda row: row.pk)]


def free(route: str) -> None:
    """Take leases back that a process left when it died. Only where one process alone holds the store: elsewhere they run out."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            to_do().filter(route=route, lease__gt=0).update(lease=0)


def keep_hold(ids: Collection[int], *, lease: float, now: int = 0) -> None:
    """What a courier still has in hand stays its own for `lease` seconds more."""
    to_do().filter(pk__in=ids).update(lease=(now or _now()) + int(lease * SECOND))


def put_back(parcel: Parcel, *, not_before: int, tried: bool) -> None:
    """Out of the courier's hand without a word in the record: nothing was `tried`, or nothing new came of it."""
    row = to_do().filter(pk=parcel.id)
    row.update(not_before=not_before, lease=0, attempts=F("attempts") if tried else F("attempts") - 1)


def at_once(ids: Collection[int]) -> int:
    """These are due now, unless a courier has them in hand. Returns how many waited."""
    now = _now()
    return to_do().filter(pk__in=ids, not_before__gt=now, lease__lte=now).update(not_before=now)


def of(conversation: int, position: int, route: str, *, target: str = "") -> Parcel | None:
    """The delivery of an event by a route, to `target` or to anybody, whatever its state."""
    rows = Delivery.objects.filter(conversation_id=conversation, position=position, route=route)
    row = (rows.filter(target=target) if target else rows).first()
    return _parcel(row, attempt=row.attempts) if row else None


def latest(conversations: Collection[int], target: str, route: str, *, since: int = 0) -> Parcel | None:
    """The last one that left these conversations, to `target` or to anybody, made at `since` (microseconds since 1970) or later."""
    rows = Delivery.objects.filter(conversation_id__in=conversations, route=route, created_at__gte=since).exclude(
        state__in=[QUEUED, DELAYED]
    )
    row = (rows.filter(target=target) if target else rows).order_by("-created_at", "-id").first() if conversations else None
    return _parcel(row, attempt=row.attempts) if row else None


def once_more(conversation: int, target: str, route: str) -> int:
    """The last one to `target` that bounced waits again, as if it were new. Gives the position of its event; 0 if none bounced."""
    rows = Delivery.objects.filter(conversation_id=conversation, target=target, route=route, state=BOUNCED)
    row = rows.order_by("-position").first()
    if row is None:
        return 0
    with transaction.atomic():
        now = _now()
        rows.filter(pk=row.pk).update(state=QUEUED, not_before=now, lease=0, created_at=now)
    return row.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A delivery that has waited for a while: the parcel, when it is tried next, and whether a courier has it in hand."""

    parcel: Parcel
    next_at: int
    in_hand: bool


def stuck(route: str, *, sites: Collection[int], since: float, after: int = 0, limit: int = 50) -> list[Stuck]:
    """What is on its way for `since` seconds or longer at these sites, the oldest first, behind the row `after`."""
    now = _now()
    rows = to_do().filter(route=route, pk__gt=after, created_at__lte=now - int(since * SECOND), conversation__site__in=list(sites))
    return [_stuck(row, now) for row in rows.order_by("pk")[:limit]]


def waiting_row(row: int, route: str, *, sites: Collection[int]) -> Stuck | None:
    """One of them, if it is still on its way."""
    found = to_do().filter(pk=row, route=route, conversation__site__in=list(sites)).first()
    return _stuck(found, _now()) if found else None


def next_at(route: str) -> int | None:
    """When the next one is due (microseconds since 1970), or None if none waits."""
    row = to_do().filter(route=route).order_by("not_before", "id").first()
    return max(row.not_before, row.lease) if row else None


def waiting(route: str, *, cap: int = 1000) -> int:
    """How many wait or are tried again, counted no further than `cap`."""
    return len(to_do().filter(route=route).values_list("pk", flat=True)[:cap])


def _stuck(row: Delivery, now: int) -> Stuck:
    return Stuck(parcel=_parcel(row, attempt=row.attempts), next_at=max(row.not_before, row.lease), in_hand=row.lease > now)


def _parcel(row: Delivery, *, attempt: int) -> Parcel:
    return Parcel(
        id=int(row.pk),
        conversation=row.conversation_id,
        position=row.position,
        route=row.route,
        target=row.target,
        state=row.state,
        attempt=attempt,
        created_at=row.created_at,
    )


def _now() -> int:
    return time.time_ns() // 1000
