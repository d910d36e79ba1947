"""What waits to be sent on one socket: bounded, in order, one sender. Knows no frame's meaning."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

FRAMES = 1024
OCTETS = 4 * 1024 * 1024
COMFORTABLE = 256 * 1024
"""Octets below which a replay goes on putting events in."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Full(Exception):
    """The reader is too far behind; nothing is dropped, the socket has to go."""


class Outbox:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[str] = deque()
        self._octets = 0
        self._wake = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._last: tuple[int, str] | None = None

    def put(self, frame: str) -> None:
        """Queue a frame. Raises Full beyond the bounds."""
        if self._last is not None:
            return
        if len(self._waiting) >= FRAMES or self._octets + len(frame) > OCTETS:
            raise Full
        self._waiting.append(frame)
        self._octets += len(frame)
        if self._octets > COMFORTABLE:
            self._calm.clear()
        self._wake.set()

    def finish(self, code: int, reason: str) -> None:
        """Send what waits, then close. Frames put in afterwards are ignored."""
        if self._last is None:
            self._last = (code, reason)
            self._wake.set()

    @property
    def is_calm(self) -> bool:
        """True if little is waiting."""
        return self._calm.is_set()

    async def calm(self) -> None:
        """Wait until little is waiting."""
        await self._calm.wait()

    async def run(self) -> None:
        """Send until closed. Ends early, without a word, when the other side is gone."""
        while True:
            while self._waiting:
                frame = self._waiting.popleft()
                self._octets -= len(frame)
                await self._send({"type": "websocket.send", "text": frame})
                if self._octets <= COMFORTABLE:
                    self._calm.set()
            if self._last is not None:
                code, reason = self._last
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
                return
            self._wake.clear()
            await self._wake.wait()
