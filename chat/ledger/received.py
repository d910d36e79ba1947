"""What came in from outside and was promised to be kept before it was understood: raw mails with their envelopes.

Knows the table and the lease; what a mail means is the business of the room that took it in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import F

from chat.ledger.models import Received

WAITING, TAKEN, QUARANTINED, DROPPED, KEPT = "waiting", "taken", "quarantined", "dropped", "kept"
SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One row: `digest` names the blob with the raw bytes, `envelope` is what was known beside them."""

    id: int
    source: str
    digest: str
    envelope: Mapping[str, Any]
    received_at: int
    """Microseconds since 1970 in UTC."""
    state: str
    reason: str
    conversation: int | None
    attempts: int


def keep(source: str, digest: str, envelope: Mapping[str, Any], *, state: str = WAITING) -> int:
    """Commit a row for a blob that is durable already; returns its id. Only then may the sender be told that we have it."""
    row = Received(source=source, digest=digest, envelope=orjson.dumps(dict(envelope)).decode(), received_at=_now(), state=state)
    with transaction.atomic():
        row.save()
    return int(row.pk)


def take(source: str, *, limit: int, lease: float) -> list[Arrival]:
    """The oldest waiting rows that nobody has in hand, leased for `lease` seconds. `attempts` counts this one."""
    now = _now()
    waiting = Received.objects.filter(source=source, state=WAITING, lease__lte=now).order_by("id")
    if not waiting.exists():
        return []
    with transaction.atomic():
        rows = list(waiting.select_for_update(skip_locked=True)[:limit])
        ids = [row.pk for row in rows]
        Received.objects.filter(pk__in=ids).update(lease=now + int(lease * SECOND), attempts=F("attempts") + 1)
    return [_arrival(row, attempts=row.attempts + 1) for row in rows]


def settle(row: int, state: str, *, reason: str = "", conversation: int | None = None) -> None:
    """Say what became of it: taken, quarantined or dropped."""
    with _short():
        Received.objects.filter(pk=row).update(state=state, reason=reason[:2000], conversation=conversation, lease=0)


def postpone(row: int, *, seconds: float) -> None:
    """Leave it waiting, for another try after a while."""
    with _short():
        Received.objects.filter(pk=row).update(lease=_now() + int(seconds * SECOND))


def again(row: int, envelope: Mapping[str, Any]) -> bool:
    """Let a quarantined one wait again, with what somebody decided added to its envelope. False if it is no longer quarantined."""
    text = orjson.dumps(dict(envelope)).decode()
    with _short():
        changed = Received.objects.filter(pk=row, state=QUARANTINED).update(state=WAITING, envelope=text, attempts=0, lease=0, reason="")
    return bool(changed)


def free(source: str) -> None:
    """Take leases back that a process left when it died. Only where one process alone holds the store: elsewhere they run out."""
    if connection.vendor == "sqlite":
        with _short():
            Received.objects.filter(source=source, state=WAITING, lease__gt=0).update(lease=0)


def get(row: int) -> Arrival | None:
    found = Received.objects.filter(pk=row).first()
    return _arrival(found) if found else None


def listed(source: str, state: str, *, before: int | None = None, limit: int = 50) -> list[Arrival]:
    """The latest first; `before` is the id of the last row of the page before."""
    rows = Received.objects.filter(source=source, state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_arrival(row) for row in rows.order_by("-id")[:limit]]


def count(source: str, state: str, *, cap: int = 1000) -> int:
    """How many stand in a state, counted no further than `cap`."""
    return len(Received.objects.filter(source=source, state=state).values_list("pk", flat=True)[:cap])


@contextmanager
def _short() -> Iterator[None]:
    # A transaction, however short, waits in the writer's fair line on SQLite.
    with transaction.atomic():
        yield


def _arrival(row: Received, *, attempts: int | None = None) -> Arrival:
    return Arrival(
        id=int(row.pk),
        source=row.source,
        digest=row.digest,
        envelope=orjson.loads(row.envelope),
        received_at=row.received_at,
        state=row.state,
        reason=row.reason,
        conversation=row.conversation,
        attempts=row.attempts if attempts is None else attempts,
    )


def _now() -> int:
    return time.time_ns() // 1000
