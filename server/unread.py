"""What came in on one WebSocket and was not taken by its application yet: bounded, because the line is read no further meanwhile.

Knows no server: a line can `hold` and `go_on`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

MOST = 64
"""Frames that may wait; beyond, the line is read no further until half of them were taken."""


class Readable(Protocol):
    def hold(self) -> None:
        """Read no further."""

    def go_on(self) -> None:
        """Read again."""


class Unread:
    """In place of asyncio.Queue, whose four empty deques cost each connection 3 KB."""

    __slots__ = ("_getter", "_line", "_waiting")

    def __init__(self, line: Readable) -> None:
        self._line = line
        self._waiting: list[Any] = []
        self._getter: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._waiting.append(message)
        if len(self._waiting) == MOST:
            self._line.hold()
        if self._getter is not None and not self._getter.done():
            self._getter.set_result(None)

    async def get(self) -> Any:
        """The next message. One at a time may wait for it."""
        while not self._waiting:
            self._getter = asyncio.get_running_loop().create_future()
            try:
                await self._getter
            finally:
                self._getter = None
        message = self._waiting.pop(0)
        if len(self._waiting) == MOST // 2:
            self._line.go_on()
        return message
