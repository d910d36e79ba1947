"""What waits to be sent on one socket: bounded, in order, one sender. Knows no frame's meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

FRAMES = 1024
OCTETS = 2 * 1024 * 1024
COMFORTABLE = 256 * 1024
"""Octets below which a replay goes on putting events in."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
AtOnce = Callable[[str], bool]
EXTENSION = "throughline.at_once"
"""Name of the ASGI extension by which a server takes the text of a frame without a task in between, if its line has room; else it says
no, and the frame goes the usual way. Both of our servers offer it, any other need not."""


class Full(Exception):
    """The reader is too far behind; nothing is dropped, the socket has to go."""


class Outbox:
    """`send` is the server's: it waits while the line's own buffer is full, and so what waits gathers here, where it is counted.

    An idle socket holds no more than this object: no queue, and a future only while somebody waits.
    """

    __slots__ = ("_at_once", "_calm", "_last", "_octets", "_send", "_waiting", "_wake")

    def __init__(self, send: Send, at_once: AtOnce | None = None) -> None:
        self._send = send
        self._at_once = at_once
        self._waiting: list[str] = []
        self._octets = 0
        self._wake: asyncio.Future[None] | None = None
        self._calm: asyncio.Event | None = None
        self._last: tuple[int, str] | None = None

    def put(self, frame: str) -> None:
        """Queue a frame. Raises Full beyond the bounds; a single frame always has room."""
        if self._last is not None:
            return
        if self._at_once is not None and self._is_idle and self._at_once(frame):
            return
        if self._waiting and (len(self._waiting) >= FRAMES or self._octets + _octets(frame) > OCTETS):
            raise Full
        self._waiting.append(frame)
        self._octets += _octets(frame)
        self._call()

    def finish(self, code: int, reason: str) -> None:
        """Send what waits, then close. Frames put in afterwards are ignored."""
        if self._last is None:
            self._last = (code, reason)
            self._call()

    @property
    def is_calm(self) -> bool:
        """True if little is waiting."""
        return self._octets <= COMFORTABLE

    @property
    def _is_idle(self) -> bool:
        """True if nothing waits and the sender does nothing but wait for it: a frame that goes now overtakes none."""
        return not self._waiting and self._wake is not None and not self._wake.done()

    async def calm(self) -> None:
        """Wait until little is waiting."""
        while not self.is_calm:
            if self._calm is None:
                self._calm = asyncio.Event()
            await self._calm.wait()

    async def run(self) -> None:
        """Send until closed. Ends early, without a word, when the other side is gone.

        Cancelled after `finish`, because nobody reads, it still says the last words: no server holds a close frame back.
        """
        try:
            await self._sending()
        except asyncio.CancelledError:
            if self._last is not None:
                self._waiting.clear()
                await self._say_last(*self._last)
            raise

    async def _sending(self) -> None:
        while True:
            while self._waiting:
                frame = self._waiting.pop(0)
                self._octets -= _octets(frame)
                await self._send({"type": "websocket.send", "text": frame})
                if self._calm is not None and self.is_calm:
                    self._calm.set()
                    self._calm = None
            if self._last is not None:
                await self._say_last(*self._last)
                return
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake

    async def _say_last(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def _call(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


def _octets(frame: str) -> int:
    """At most so many, encoded or as Python holds it."""
    return len(frame) if frame.isascii() else 4 * len(frame)
