"""The heartbeat of all sockets of an event loop: one task that takes a few at a time, instead of a timer for each. Knows no frame."""

from __future__ import annotations

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

import structlog

log = structlog.get_logger()

SLOTS = 80
"""Parts of a round; each socket has its turn in one of them."""


class Beating(Protocol):
    def beat_now(self) -> None:
        """Called once a round."""


class Beats:
    """Alive while there is a socket. `every` is the length of a round in seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._slots: list[dict[Beating, None]] = [{} for _ in range(SLOTS)]
        self._now = self._count = 0
        self._task: asyncio.Task[None] | None = None

    def join(self, socket: Beating) -> int:
        """Gives the slot, for `leave`. The first beat comes after a whole round."""
        self._slots[self._now][socket] = None
        self._count += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="beats")
        return self._now

    def leave(self, socket: Beating, slot: int) -> None:
        del self._slots[slot][socket]
        self._count -= 1

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while self._count:
                due = max(due + self._every / SLOTS, loop.time())
                await asyncio.sleep(due - loop.time())
                self._now = (self._now + 1) % SLOTS
                for socket in list(self._slots[self._now]):
                    try:
                        socket.beat_now()
                    except Exception:  # one socket's trouble must not stop the hearts of all
                        log.exception("live_beat_failed")
        finally:
            self._task = None


_here: WeakKeyDictionary[asyncio.AbstractEventLoop, Beats] = WeakKeyDictionary()


def beats(every: float) -> Beats:
    """The heartbeat of this event loop, with rounds of `every` seconds from its first use on."""
    loop = asyncio.get_running_loop()
    if loop not in _here:
        _here[loop] = Beats(every)
    return _here[loop]
