"""Everything with a clock: alarms that folds have set. A room registers what an alarm does; the worker rings each once.

Knows neither what the alarms mean nor who set them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from django.db import DatabaseError

from chat.ledger.append import Busy, Command, Fact, Fired, Refused, append
from chat.ledger.event import Kind
from chat.ledger.models import Due
from chat.ledger.read import Head, head, in_thread

log = structlog.get_logger()

PERIOD = 1.0
"""Seconds between two looks at the clock."""
Ring = Callable[[Head, str, str], Command | None]
"""Called with the conversation, the alarm's name and the idempotency key; gives the command to append, or None for nothing."""
_rings: dict[str, Ring] = {}


def register_alarm(prefix: str, ring: Ring) -> None:
    """`ring` is called for alarms named `prefix` or `prefix:<anything>`."""
    _rings[prefix] = ring


async def run(stopping: asyncio.Event) -> None:
    """Ring what is due until `stopping`."""
    while not stopping.is_set():
        try:
            rang = await ring_due(time.time_ns() // 1000)
        except DatabaseError as problem:  # the alarms wait until the store is back
            log.warning("alarms_interrupted", problem=type(problem).__name__)
            rang = 0
        if not rang:
            try:
                await asyncio.wait_for(stopping.wait(), PERIOD)
            except TimeoutError:
                continue


async def ring_due(now: int, *, limit: int = 100) -> int:
    """Ring every alarm due at `now` (microseconds since 1970), at most `limit`. Returns how many were dealt with."""
    rows = await in_thread(lambda: list(Due.objects.filter(at__lte=now).order_by("at", "id")[:limit]))
    dealt = 0
    for row in rows:
        try:
            dealt += await _ring(row)
        except Busy:
            return dealt
        except Refused as refusal:
            log.info("alarm_not_needed", name=row.name, reason=str(refusal))
            await _forget(row)
        except DatabaseError:
            raise
        except Exception:  # one that cannot be rung must not keep the others silent
            log.exception("alarm_failed", name=row.name, conversation=row.conversation_id)
    return dealt


async def _ring(row: Due) -> int:
    found = await in_thread(head, row.conversation_id)
    ring = _rings.get(row.name.partition(":")[0])
    if found is None or ring is None or found.state.dues.get(row.name) != row.at:
        # The fold has moved or cancelled it meanwhile, or nobody knows it any more.
        await _forget(row)
        return 0
    command = await in_thread(ring, found, row.name, f"due:{row.pk}")
    if command is None:
        await _forget(row)
        return 1
    fired = Fired(conversation=row.conversation_id, name=row.name)
    await append(Command(facts=command.facts, expect=command.expect, opens=command.opens, rows=(*command.rows, fired)))
    return 1


async def _forget(row: Due) -> None:
    await in_thread(lambda: Due.objects.filter(pk=row.pk, at=row.at).delete())


def system_fact(found: Head, body: Kind, key: str, *, channel: str = "system") -> Fact:
    """A fact that the clock, and nobody, is the author of."""
    return Fact(conversation=found.conversation, body=body, actor="system", channel=channel, key=key)
