"""How many events are in flight to one socket: the client says what it got, and a reader that falls behind gets no more. Knows no frame."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right

SIZE = 256
"""Events in flight at most."""
PATIENCE = 30.0
"""Seconds a socket may stay behind before it is closed."""


class Window:
    """An idle socket holds no more than this object and an empty dictionary."""

    __slots__ = ("_count", "_flying", "_full_since", "_space")

    def __init__(self) -> None:
        self._flying: dict[int, list[int]] = {}
        self._count = 0
        self._full_since = 0.0
        self._space: asyncio.Event | None = None

    async def room(self) -> None:
        """Wait until one more event may be sent."""
        while self._count >= SIZE:
            if self._space is None:
                self._space = asyncio.Event()
            await self._space.wait()

    def has_room(self, events: int) -> bool:
        """True if so many events may be sent at once."""
        return self._count + events <= SIZE

    def sent(self, conversation: int, position: int) -> None:
        self._flying.setdefault(conversation, []).append(position)
        self._count += 1
        if self._count == SIZE:
            self._full_since = time.monotonic()

    def got(self, conversation: int, position: int) -> None:
        """The client holds everything of a conversation up to a position."""
        flying = self._flying.get(conversation)
        if flying:
            self._settle(conversation, bisect_right(flying, position))

    def forget(self, conversation: int) -> None:
        """Nobody waits for this conversation's events any more."""
        self._settle(conversation, len(self._flying.get(conversation, ())))

    @property
    def in_flight(self) -> int:
        return self._count

    @property
    def behind(self) -> float:
        """For how many seconds the window has been full."""
        return 0.0 if self._count < SIZE else time.monotonic() - self._full_since

    def _settle(self, conversation: int, count: int) -> None:
        """So many of the oldest are there."""
        flying = self._flying.get(conversation, [])
        del flying[:count]
        self._count -= count
        if not flying:
            self._flying.pop(conversation, None)
        if self._space is not None and self._count < SIZE:
            self._space.set()
            self._space = None
