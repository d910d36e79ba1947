"""How much waits, and for how long: mails to be understood, deliveries, alarms. Bounded looks, for health and figures.

Knows no channel, and tells nothing about any conversation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from chat.ledger import deliveries
from chat.ledger.models import Due, Received
from chat.ledger.received import QUARANTINED, WAITING

CAP = 1_000
"""Counts stop here."""
SECOND = 1_000_000
PUT_OFF = 2
"""Attempts in vain from which on a delivery counts as put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Counts up to CAP; ages in seconds, 0 where nothing waits."""

    mails_waiting: int
    mails_waiting_seconds: float
    """Since the oldest of them came in."""
    mails_quarantined: int
    deliveries_waiting: int
    """Queued, or delayed and tried again."""
    deliveries_oldest_seconds: float
    """Since the oldest was written."""
    deliveries_late_seconds: float
    """How long the latest is past the time at which a courier should have taken it."""
    deliveries_put_off: int
    """Tried at least twice and not taken."""
    alarms_late: int
    alarms_late_seconds: float


def backlog() -> Backlog:
    """Raises DatabaseError if the store is away."""
    now = time.time_ns() // 1000
    came_in = list(Received.objects.filter(state=WAITING).order_by("source", "id").values_list("received_at", flat=True)[:CAP])
    to_do = deliveries.to_do().order_by("route", "not_before", "id")
    on_their_way = list(to_do.values_list("created_at", "not_before", "lease", "attempts")[:CAP])
    alarms = list(Due.objects.filter(at__lte=now).order_by("at", "id").values_list("at", flat=True)[:CAP])
    return Backlog(
        mails_waiting=len(came_in),
        mails_waiting_seconds=_age(now, came_in),
        mails_quarantined=len(Received.objects.filter(state=QUARANTINED).order_by("source", "-id").values_list("pk", flat=True)[:CAP]),
        deliveries_waiting=len(on_their_way),
        deliveries_oldest_seconds=_age(now, [created for created, *_ in on_their_way]),
        # One without a time of its own is due as soon as it is written.
        deliveries_late_seconds=_age(now, [max(times) for *times, _ in on_their_way]),
        deliveries_put_off=sum(attempts >= PUT_OFF for *_, attempts in on_their_way),
        alarms_late=len(alarms),
        alarms_late_seconds=_age(now, alarms),
    )


def _age(now: int, times: list[int]) -> float:
    return max(0, now - min(times)) / SECOND if times else 0.0
