"""uvicorn's end of one WebSocket, with the bounds it has under Daphne: a close frame waits for nobody, and who never reads is cut off.

Made by uvicorn from this class, on websockets' protocol without input and output of its own. Knows no frame's meaning.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chat.live.outbox import EXTENSION
from server.unread import Unread

LAST_WORDS = 5
"""Seconds for the close frame, which stands behind all that was sent before; then the line is cut."""


class Gate:
    """An asyncio.Event that costs nothing while it is open."""

    __slots__ = ("_shut",)

    def __init__(self) -> None:
        self._shut: asyncio.Event | None = None

    def set(self) -> None:
        shut, self._shut = self._shut, None
        if shut is not None:
            shut.set()

    def clear(self) -> None:
        if self._shut is None:
            self._shut = asyncio.Event()

    def is_set(self) -> bool:
        return self._shut is None

    async def wait(self) -> None:
        if self._shut is not None:
            await self._shut.wait()


class BoundedSocket(WebSocketsSansIOProtocol):
    heard = 0.0
    _cutting: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.queue: Any = Unread(self)
        self.writable: Any = Gate()

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        super().data_received(data)

    def connection_lost(self, problem: Exception | None) -> None:
        if self._cutting is not None:
            self._cutting.cancel()
        super().connection_lost(problem)

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = self.at_once  # type: ignore[index,assignment]  # uvicorn types only those it knows
        await super().run_asgi()

    # In

    def hold(self) -> None:
        self.transport.pause_reading()

    def go_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        # Reading stops when much waits, not after each frame: stopping and starting cost a system call each.
        self.read_paused = True
        super().send_receive_event_to_app()
        self.read_paused = False

    async def receive(self) -> Any:
        return await self.queue.get()

    # Out

    def at_once(self, text: str) -> bool:
        """Send a text frame now, if the line is open and has room; False if not, and nothing was sent."""
        if not self.handshake_complete or self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        self._write_text(text)
        return True

    async def send(self, message: Any) -> None:
        kind, text = message["type"], message.get("text")
        if not self.handshake_complete or self.close_sent or self.disconnected:
            await super().send(message)
            if kind == "websocket.accept":
                self._forget_handshake()
        elif kind == "websocket.send" and text is not None:
            self._write_text(text)
            await self.writable.wait()
        elif kind == "websocket.close":
            self.stop_keepalive()
            self.conn.send_close(message.get("code", 1000), message.get("reason") or "")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.go_on()
            self.close_timer = self.loop.call_later(LAST_WORDS, self.transport.abort)
        else:
            await super().send(message)

    def _write_text(self, text: str) -> None:
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))

    def handle_close(self, event: Any) -> None:
        super().handle_close(event)
        self._cut_soon()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._cut_soon()

    def shutdown(self) -> None:
        super().shutdown()
        self._cut_soon()

    def send_keepalive_ping(self) -> None:
        """Who was heard lately need not be asked."""
        assert self.ping_interval is not None
        rest = self.heard + self.ping_interval - self.loop.time()
        if rest > 1:
            self.ping_timer = self.loop.call_later(rest, self.send_keepalive_ping)
        else:
            super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_soon()

    def _cut_soon(self) -> None:
        """What is still buffered may be for somebody who never reads again."""
        if self._cutting is None and self.close_timer is None and self.transport.is_closing():
            self._cutting = self.loop.call_later(LAST_WORDS, self.transport.abort)

    def _forget_handshake(self) -> None:
        """Whoever needs more of it than the application keeps has come too late."""
        # The parser, which stands still within the handshake's own function, holds these as long as the connection lives.
        self.request.headers.clear()
        self.response.headers.clear()
        self.scope = {}  # type: ignore[typeddict-item]
