"""Looks into the ledger for what bells did not tell: by the clock, and at once when somebody knows that some were lost.

Knows no Redis. Who has what a bell tells does nothing, so ringing too often does no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog
from django.db import DatabaseError

from chat.ledger import announce, missed
from chat.ledger.read import in_thread

log = structlog.get_logger()

EVERY = 20.0
"""Seconds between two comparisons of all watched heads."""
UNHEARD = 5.0
"""The same while no bells come."""
APART = 1.0
"""Seconds between two sweeps at least, however many are asked for."""
MARGIN = 60_000_000
"""Microseconds that clocks of several machines, and the time between an event and its bell, may differ."""
AT_ONCE = 500
"""Conversations rung before others in the loop have their turn."""


class Sweeper:
    """One per process. `unheard` says whether other processes write and their bells do not come."""

    def __init__(self, *, unheard: Callable[[], bool] = lambda: False) -> None:
        self.sweeps = 0
        self._unheard = unheard
        self._asked = asyncio.Event()
        self._since = 0

    def ask(self, since: int) -> None:
        """Bells were lost since a moment (microseconds since 1970): sweep soon. Call it in the loop of `run`."""
        self._since = min(since, self._since or since)
        self._asked.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep until `stopping`."""
        last = _now()
        while not stopping.is_set():
            await self._wait(stopping)
            began = _now()
            since, self._since = self._since, 0
            self._asked.clear()
            if self._unheard():
                since = min(last, since or last)
            if await self._swept(since):
                self.sweeps += 1
                last = began
            elif since:
                self._since = min(since, self._since or since)
            with suppress(TimeoutError):
                async with asyncio.timeout(APART):
                    await stopping.wait()

    async def _swept(self, since: int) -> bool:
        try:
            return await sweep_once(since=since)
        except Exception:  # the next one may go better, and without any the last line of a burst may be lost
            log.exception("sweep_failed")
            return False

    async def _wait(self, stopping: asyncio.Event) -> None:
        wishes = [asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(self._asked.wait())]
        seconds = UNHEARD if self._since or self._unheard() else EVERY
        try:
            await asyncio.wait(wishes, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wish in wishes:
                wish.cancel()


async def sweep_once(*, since: int = 0) -> bool:
    """Ring for every watched conversation with its position, and for all that got an event since a moment, unless it is 0.

    False if the store is away; everything is looked at again when it is back.
    """
    try:
        if watched := announce.watched():
            await _ring(await in_thread(missed.positions, watched))
        if since:
            await _ring(await in_thread(missed.lately, since - MARGIN))
    except DatabaseError as problem:
        log.warning("sweep_interrupted", problem=type(problem).__name__)
        return False
    return True


async def _ring(positions: Mapping[int, int]) -> None:
    everything = list(positions.items())
    for first in range(0, len(everything), AT_ONCE):
        announce.ring(dict(everything[first : first + AT_ONCE]))
        await asyncio.sleep(0)


def _now() -> int:
    return time.time_ns() // 1000
