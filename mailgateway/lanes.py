"""Mails on their way in, side by side: those of one sender keep their order, and no slow one holds up the others. Knows no mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

import structlog

from chat.ledger.received import Arrival

log = structlog.get_logger()

WIDE = 4
"""Mails in work at the same time: what they need in memory adds up."""
MOST = 20
"""Mails taken out of the store at the same time, in work or waiting for their turn."""
TURN = 2.0
"""Seconds that a mail waits at most for the one before it of the same sender: an answer sent at once may refer to it."""


class Lanes:
    """`put` what was taken; `work` is called for each. What it raises is logged, and the mail stands in `left`.

    Of those that are `heavy` one is in work at a time: a single one stands in memory several times over.
    """

    def __init__(self, work: Callable[[Arrival], Awaitable[None]], *, heavy: Callable[[Arrival], bool] = lambda arrival: False) -> None:
        self._work = work
        self._is_heavy = heavy
        self._wide = asyncio.Semaphore(WIDE)
        self._heavy = asyncio.Semaphore(1)
        self._last: dict[str, asyncio.Task[None]] = {}
        self._inside: dict[int, asyncio.Task[None]] = {}
        self.left: dict[int, BaseException] = {}
        """Rows whose work failed and was not settled, and why. Whoever gives them back takes them out."""

    @property
    def room(self) -> int:
        """How many more may be put."""
        return max(0, MOST - len(self._inside))

    @property
    def crowded(self) -> bool:
        """Whether to wait before more are fetched: one at a time would cost a transaction each."""
        return len(self._inside) > MOST // 2

    def put(self, arrival: Arrival) -> None:
        """Nothing, if this one is inside already: its lease ran out meanwhile."""
        if arrival.id in self._inside:
            return
        sender = str(arrival.envelope.get("sender", "")).lower()
        task = asyncio.create_task(self._one(arrival, self._last.get(sender)), name=f"mail-{arrival.id}")
        self._last[sender] = self._inside[arrival.id] = task
        task.add_done_callback(lambda done: self._ended(arrival.id, sender, done))

    async def some_ended(self, *, seconds: float) -> None:
        """Returns when one of those inside has ended, or after so many seconds."""
        if self._inside:
            await asyncio.wait(self._inside.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def all_ended(self) -> None:
        while self._inside:
            await asyncio.wait(self._inside.values())

    async def _one(self, arrival: Arrival, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before}, timeout=TURN)
        # The narrow gate first: who waits there holds no lane.
        async with self._heavy if self._is_heavy(arrival) else nullcontext():
            async with self._wide:
                await self._work(arrival)

    def _ended(self, row: int, sender: str, task: asyncio.Task[None]) -> None:
        self._inside.pop(row, None)
        if self._last.get(sender) is task:
            del self._last[sender]
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            log.error("mail_left_waiting", row=row, exc_info=problem)
            self.left[row] = problem
