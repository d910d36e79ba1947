"""One WebSocket from handshake to close: reads frames, keeps order and limits, and lets a face (widget, inbox) say who is there.

Plain ASGI on purpose: Channels' consumers hop through a thread for each frame. Knows no page and no channel.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakSet

import structlog
from django.db import DatabaseError

from chat.actions.access import Who, enter
from chat.ledger import announce, read
from chat.ledger.append import Refused
from chat.ledger.read import in_thread
from chat.live import frames, limits, origin
from chat.live.doing import Doing
from chat.live.faults import where
from chat.live.frames import FromCustomer, Malformed, encode, identifier
from chat.live.outbox import Full, Outbox
from chat.live.seeing import Seeing
from chat.live.watch import Watch
from chat.live.window import PATIENCE, Window

log = structlog.get_logger()

HELLO_WITHIN = 10.0
BEAT_EVERY = 20.0
SILENT_AFTER = 60.0
LAST_WORDS = 3.0
"""Seconds for the frames that wait when a socket closes."""
WATCHES = 20
GONE = 1006
"""The other side went without a word: there is nobody to send a close frame to."""

open_sockets: WeakSet[Socket] = WeakSet()


class Closing(Exception):
    """Close this socket with a code and a reason (docs/protocol.md lists them)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Socket(ABC):
    """Base of both faces. A face says who is there (`arrive`), through which channel they act, and what a welcome holds."""

    channel: ClassVar[str]
    reader: ClassVar[frames.Reader] = frames.Reader(FromCustomer)

    def __init__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Any) -> None:
        self.scope = scope
        self.name = secrets.token_urlsafe(9)
        self.who = Who(ref="", name="", side="customer")
        self.site = 0
        self.watches: dict[int, Watch] = {}
        self.window = Window()
        self._receive, self._send = receive, send
        self._outbox = Outbox(send)
        self._doing = Doing(self)
        self._seeing = Seeing(self)
        self._over: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = time.monotonic()
        self._welcomed = False
        self.task: asyncio.Task[Any] | None = None
        self._handlers: dict[type, Callable[[Any], Any]] = {
            frames.Watch: self._on_watch,
            frames.Unwatch: self._on_unwatch,
            frames.Do: self._doing.put,
            frames.Typing: self._on_typing,
            frames.Seen: self._on_seen,
            frames.Got: self._on_got,
            frames.Beat: self._on_beat,
            frames.Hello: self._on_hello_again,
            **self.more_handlers(),
        }

    @classmethod
    def application(cls) -> Callable[..., Awaitable[None]]:
        """The ASGI application of this face, for `websocket_urlpatterns`."""

        async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await cls(scope, receive, send).run()

        return application

    # What a face says

    @abstractmethod
    async def arrive(self, hello: frames.Hello) -> dict[str, Any]:
        """Find out who says hello, set `who` and `site`; gives the fields of `welcome`. Raises Closing or Refused."""

    def more_handlers(self) -> dict[type, Callable[[Any], Any]]:
        return {}

    @abstractmethod
    def too_fast(self, action: str) -> float:
        """Seconds to wait before this action; 0 if it may go now."""

    async def before_watch(self, conversation: int) -> None:
        """Called before anything of a conversation is shown; may raise Refused."""
        return

    async def did(self, action: str, conversation: int) -> None:
        """Called after an action of this socket is stored and acknowledged."""
        return

    async def still_welcome(self) -> bool:
        """Asked at every beat."""
        return True

    def beat(self) -> None:
        """Every 20 seconds: say the heads, and that we are here."""
        for watch in self.watches.values():
            watch.beat()
        self.put("beat", heads={str(watch.conversation): watch.sent for watch in self.watches.values()})

    def left(self) -> None:
        """The socket is gone."""
        return

    # What the rest of chat.live uses

    def put(self, t: str, **fields: Any) -> None:
        """Send a frame. A socket too far behind is closed, and nothing is dropped: it resumes from its last position."""
        # Others may knock while we still find out who this is; the welcome says what they wanted to tell.
        if self._welcomed or t in ("welcome", "error"):
            self._welcomed = True
            self._put(encode(t, **fields))

    def put_event(self, conversation: int, position: int, frame: str) -> None:
        self.window.sent(conversation, position)
        self._put(frame)

    async def room(self) -> None:
        """Wait until one more event may go out."""
        await self.window.room()
        await self._outbox.calm()

    def close(self, code: int, reason: str) -> None:
        if not self._over.done():
            self._over.set_result((code, reason))

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside the reader; a failure closes the socket."""
        task = asyncio.get_running_loop().create_task(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def watch(self, conversation: int, *, after: int) -> None:
        """Follow a conversation from a position on. Raises Refused if it does not exist or is not theirs: the same answer."""
        if len(self.watches) >= WATCHES and conversation not in self.watches:
            raise Refused(f"You can follow {WATCHES} conversations at once; unwatch one first.", code="limit")
        watch = Watch(self, conversation, after=after)
        try:
            await self.before_watch(conversation)
            case, head = await in_thread(self._look, conversation)
        except BaseException:
            watch.end()
            raise
        self.unwatch(conversation)
        self.watches[conversation] = watch
        watch.begin(case, head=head)

    def unwatch(self, conversation: int) -> None:
        watch = self.watches.pop(conversation, None)
        if watch is not None:
            watch.end()
            self.window.forget(conversation)

    def error(self, code: str, message: str, *, conversation: str = "") -> None:
        self.put("error", code=code, message=message, conversation=conversation)

    # The life of a socket

    async def run(self) -> None:
        if (await self._receive())["type"] != "websocket.connect":
            return
        if not origin.allowed(self.scope):
            # Closing before accepting is a 403 in ASGI.
            await self._send({"type": "websocket.close", "code": 4403})
            return
        await self._send({"type": "websocket.accept"})
        self.task = asyncio.current_task()
        open_sockets.add(self)
        sender = asyncio.get_running_loop().create_task(self._sending())
        self.spawn(self._reading())
        try:
            code, reason = await self._over
            if code != GONE:
                self._outbox.finish(code, reason)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS):
                        await sender
        finally:
            await self._leave(sender)

    async def _leave(self, sender: asyncio.Task[None]) -> None:
        open_sockets.discard(self)
        for conversation in list(self.watches):
            self.unwatch(conversation)
        tasks = [sender, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        limits.forget("frame", self.name)
        limits.forget("typing", self.name)
        self.left()
        await self._seeing.flush()

    async def _sending(self) -> None:
        try:
            await self._outbox.run()
        except Exception:  # whatever a server raises when the other side is gone
            self.close(GONE, "gone")

    async def _reading(self) -> None:
        await self._hello()
        self.spawn(self._doing.run())
        self.spawn(self._beating())
        while True:
            frame = await self._next()
            if limits.take("frame", self.name):
                raise Closing(4429, "too fast")
            handled = self._handlers[type(frame)](frame)
            if handled is not None:
                await handled

    async def _hello(self) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                hello = await self._next()
        except TimeoutError:
            raise Closing(4408, "no hello") from None
        if not isinstance(hello, frames.Hello):
            raise Malformed("The first frame is hello.")
        if hello.v != frames.VERSION:
            self.error("version", f"This server speaks version {frames.VERSION} of the protocol.")
            raise Closing(4400, "version")
        try:
            welcome = await self.arrive(hello)
            conversation, head = identifier(hello.conversation), 0
            if conversation:
                await self.before_watch(conversation)
                head = (await in_thread(self._look, conversation))[1]
            self.put("welcome", v=frames.VERSION, **welcome, conversation=hello.conversation, head=head)
            if conversation:
                await self.watch(conversation, after=hello.after)
        except Refused as refusal:
            self.error(refusal.code, str(refusal))
            raise Closing(4404 if refusal.code == "not-found" else 4401, refusal.code) from refusal

    def _look(self, conversation: int) -> tuple[Any, int]:
        case = enter(self.who, conversation)
        return case, read.last_position(conversation, audience=self.who.audience, upto=case.head.position)

    async def _next(self) -> frames.Incoming:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Closing(GONE, "gone")
        self._heard = time.monotonic()
        text = message.get("text")
        if text is None:
            raise Malformed("Frames are text.")
        if len(text) > frames.LARGEST or len(text.encode("utf-8", "replace")) > frames.LARGEST:
            self.error("too-large", f"A frame has at most {frames.LARGEST} octets.")
            raise Closing(4413, "frame too large")
        return self.reader.read(text)

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY)
            if time.monotonic() - self._heard > SILENT_AFTER:
                raise Closing(4408, "silent too long")
            if self.window.behind > PATIENCE:
                raise Closing(4429, "resume")
            if not await self.still_welcome():
                raise Closing(4401, "not signed in")
            self.beat()

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
            self.close(1013, "the store is away")
        except Exception as problem:
            log.error("live_socket_failed", problem=type(problem).__name__, where=where(problem), face=type(self).__name__)
            self.close(1011, "the server failed")

    def _put(self, frame: str) -> None:
        try:
            self._outbox.put(frame)
        except Full:
            self.close(4429, "resume")

    # Frames

    async def _on_watch(self, frame: frames.Watch) -> None:
        try:
            await self.watch(identifier(frame.conversation), after=frame.after)
        except Refused as refusal:
            self.error(refusal.code, str(refusal), conversation=frame.conversation)

    def _on_unwatch(self, frame: frames.Unwatch) -> None:
        self.unwatch(identifier(frame.conversation))

    def _on_typing(self, frame: frames.Typing) -> None:
        watch = self.watches.get(identifier(frame.conversation))
        if watch is None or (frame.on and limits.take("typing", self.name)):
            return
        said = {"side": self.who.side, "name": self.who.name, "on": frame.on}
        announce.whisper(watch.conversation, {"socket": self.name, "typing": said})
        if watch.place:
            watch.place.reply(frame.on)

    def _on_seen(self, frame: frames.Seen) -> None:
        watch = self.watches.get(identifier(frame.conversation))
        if watch is not None:
            self._seeing.saw(watch.conversation, min(frame.position, watch.sent))

    def _on_got(self, frame: frames.Got) -> None:
        self.window.got(identifier(frame.conversation), frame.position)

    def _on_beat(self, _: frames.Beat) -> None:
        return

    def _on_hello_again(self, _: frames.Hello) -> None:
        raise Malformed("There is one hello on a socket.")


def route_of(face: type[Socket]) -> Any:
    """Typed as Django's `path()` wants it; Channels' router calls it as an ASGI application."""
    return face.application()
