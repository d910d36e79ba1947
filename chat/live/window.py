"""How many events are in flight to one socket: the client says what it got, and a reader that falls behind gets no more. Knows no frame."""

from __future__ import annotations

import asyncio
import time
from collections import deque

SIZE = 256
"""Events in flight at most."""
PATIENCE = 30.0
"""Seconds a socket may stay behind before it is closed."""


class Window:
    def __init__(self) -> None:
        self._flying: dict[int, deque[int]] = {}
        self._count = 0
        self._space = asyncio.Event()
        self._space.set()
        self._full_since = 0.0

    async def room(self) -> None:
        """Wait until one more event may be sent."""
        await self._space.wait()

    def has_room(self, events: int) -> bool:
        """True if so many events may be sent at once."""
        return self._count + events <= SIZE

    def sent(self, conversation: int, position: int) -> None:
        self._flying.setdefault(conversation, deque()).append(position)
        self._count += 1
        if self._count >= SIZE and self._space.is_set():
            self._space.clear()
            self._full_since = time.monotonic()

    def got(self, conversation: int, position: int) -> None:
        """The client holds everything of a conversation up to a position."""
        flying = self._flying.get(conversation)
        while flying and flying[0] <= position:
            flying.popleft()
            self._count -= 1
        self._settle(conversation)

    def forget(self, conversation: int) -> None:
        """Nobody waits for this conversation's events any more."""
        self._count -= len(self._flying.get(conversation, ()))
        self._flying.pop(conversation, None)
        self._settle(conversation)

    @property
    def in_flight(self) -> int:
        return self._count

    @property
    def behind(self) -> float:
        """For how many seconds the window has been full."""
        return 0.0 if self._space.is_set() else time.monotonic() - self._full_since

    def _settle(self, conversation: int) -> None:
        if not self._flying.get(conversation, True):
            del self._flying[conversation]
        if self._count < SIZE:
            self._space.set()
