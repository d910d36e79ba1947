"""One WebSocket from handshake to close: frames in and out, and tasks that end with it. Knows no conversation and nobody who speaks.

Plain ASGI on purpose: Channels' consumers hop through a thread for each frame.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar

import structlog
from django.db import DatabaseError

from chat.live import frames, limits, origin
from chat.live.faults import where
from chat.live.frames import FromCustomer, Malformed, encode
from chat.live.outbox import EXTENSION, Full, Outbox

log = structlog.get_logger()

LAST_WORDS = 3.0
"""Seconds for the frames that wait when a socket closes."""
GONE = 1006
"""The other side went without a word: there is nobody to send a close frame to."""

open_sockets: set[Wire] = set()
"""All of this process; they are told when it stops."""


class Closing(Exception):
    """Close this socket with a code and a reason (docs/protocol.md lists them).

    All codes lie between 4000 and 4999: Daphne sends no others.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Wire(ABC):
    """Accepts a handshake of our own pages, runs `reading` until somebody closes, and says the last words."""

    __slots__ = ("_over", "_receive", "_send", "_tasks", "_welcomed", "heard", "name", "outbox", "scope", "task")
    reader: ClassVar[frames.Reader] = frames.Reader(FromCustomer)
    fallen_behind: ClassVar[int] = 0
    """How many of this process had to go because their reader was too far behind."""

    def __init__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Any) -> None:
        self.scope = scope
        self.name = secrets.token_urlsafe(9)
        """Tells this socket from others of the same person."""
        self.task: asyncio.Task[Any] | None = None
        self.heard = time.monotonic()
        self.outbox = Outbox(send, scope.get("extensions", {}).get(EXTENSION))
        self._receive, self._send = receive, send
        self._over: tuple[int, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._welcomed = False

    @classmethod
    def application(cls) -> Any:
        """The ASGI application, for `path()` in `websocket_urlpatterns`: Channels' router calls it, Django types it as a view."""

        def application(scope: dict[str, Any], receive: Any, send: Any) -> Awaitable[None]:
            return cls(scope, receive, send).run()

        return application

    @abstractmethod
    async def reading(self) -> None:
        """Read frames with `next_frame` and deal with them. May raise Closing or Malformed."""

    @abstractmethod
    async def leaving(self) -> None:
        """The socket is gone."""

    def put(self, t: str, **fields: Any) -> None:
        """Send a frame. A socket too far behind is closed, and nothing is dropped: it resumes from its last position."""
        # Others may knock while we still find out who this is; the welcome says what they wanted to tell.
        if self._welcomed or t in ("welcome", "error"):
            self._welcomed = True
            self.put_text(encode(t, **fields))

    def put_text(self, frame: str) -> None:
        try:
            self.outbox.put(frame)
        except Full:
            self.fall_behind()

    def fall_behind(self) -> None:
        """Close a socket whose reader is too far behind; it comes back and resumes."""
        if self._over is None:
            Wire.fallen_behind += 1
            self.close(4429, "resume")

    def error(self, code: str, message: str, *, conversation: str = "") -> None:
        self.put("error", code=code, message=message, conversation=conversation)

    def close(self, code: int, reason: str) -> None:
        if self._over is None:
            self._over = (code, reason)
            # Whoever reads waits for the next frame, which may never come.
            if self.task is not None and self.task is not asyncio.current_task():
                self.task.cancel()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run as long as the socket lives; a failure closes it."""
        task = asyncio.get_running_loop().create_task(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step has never begun what it was given.
        task.add_done_callback(lambda _: coroutine.close())
        return task

    async def next_frame(self) -> frames.Incoming:
        """The next frame. Raises Malformed, or Closing if the other side is gone, too loud or too fast."""
        if self._over is not None:
            raise Closing(*self._over)
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Closing(GONE, "gone")
        self.heard = time.monotonic()
        text = message.get("text")
        if text is None:
            raise Malformed("Frames are text.")
        if len(text) > frames.LARGEST or len(text.encode("utf-8", "replace")) > frames.LARGEST:
            self.error("too-large", f"A frame has at most {frames.LARGEST} octets.")
            raise Closing(4413, "frame too large")
        if limits.take("frame", self.name):
            raise Closing(4429, "too fast")
        return self.reader.read(text)

    async def run(self) -> None:
        if (await self._receive())["type"] != "websocket.connect":
            return
        if not origin.allowed(self.scope):
            # Closing before accepting is a 403 in ASGI.
            await self._send({"type": "websocket.close", "code": 4403})
            return
        await self._send({"type": "websocket.accept"})
        # The handshake is over: of what the browser sent with it only the cookies are looked at again.
        self.scope = {"headers": [(name, value) for name, value in self.scope["headers"] if name == b"cookie"]}
        open_sockets.add(self)
        sender = asyncio.get_running_loop().create_task(self._sending())
        try:
            code, reason = await self._read_until_over()
            if code != GONE:
                self.outbox.finish(code, reason)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS):
                        await sender
        finally:
            await self._leave(sender)

    async def _read_until_over(self) -> tuple[int, str]:
        self.task = asyncio.current_task()
        try:
            await self._guarded(self.reading())
        except asyncio.CancelledError:
            if self._over is None:  # cancelled by the server, not by `close`
                raise
            assert self.task is not None
            self.task.uncancel()
        return self._over or (GONE, "gone")

    async def _leave(self, sender: asyncio.Task[None]) -> None:
        open_sockets.discard(self)
        tasks = [sender, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        limits.forget("frame", self.name)
        limits.forget("typing", self.name)
        await self.leaving()

    async def _sending(self) -> None:
        try:
            await self.outbox.run()
        except Exception:  # whatever a server raises when the other side is gone
            self.close(GONE, "gone")

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except Closing as closing:
            self.close(closing.code, closing.reason)
        except Malformed as problem:
            self.error("malformed", str(problem))
            self.close(4400, "a malformed frame")
        except DatabaseError as problem:
            log.warning("live_store_away", problem=type(problem).__name__, face=type(self).__name__)
            self.close(4503, "the store is away")
        except Exception as problem:
            log.error("live_socket_failed", problem=type(problem).__name__, where=where(problem), face=type(self).__name__)
            self.close(4500, "the server failed")
