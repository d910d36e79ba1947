"""One person's connection to the live room: hello, conversations that are followed, typing, seen, beats. A face says who is there.

Knows no page and no channel; how frames travel is the wire's business.
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable
from typing import Any, ClassVar

from chat.actions.access import Case, Who, enter
from chat.ledger import announce, read
from chat.ledger.append import Refused
from chat.ledger.read import in_thread
from chat.live import frames, limits
from chat.live.beats import beats
from chat.live.doing import Doing
from chat.live.frames import Malformed, identifier
from chat.live.seeing import Seeing
from chat.live.watch import Watch
from chat.live.window import PATIENCE, Window
from chat.live.wire import Closing, Wire

HELLO_WITHIN = 10.0
BEAT_EVERY = 20.0
SILENT_AFTER = 60.0
WATCHES = 20


class Socket(Wire):
    """Base of both faces. A face says who is there (`arrive`), through which channel they act, and how fast."""

    __slots__ = ("_doing", "_seeing", "_slot", "site", "watches", "who", "window")
    channel: ClassVar[str]
    handlers: ClassVar[dict[type, str]] = {
        frames.Watch: "_on_watch",
        frames.Unwatch: "_on_unwatch",
        frames.Do: "_on_do",
        frames.Typing: "_on_typing",
        frames.Seen: "_on_seen",
        frames.Got: "_on_got",
        frames.Beat: "_on_beat",
        frames.Hello: "_on_hello_again",
    }
    """Which method deals with a frame; a face may add its own."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.who = Who(ref="", name="", side="customer")
        self.site = 0
        self.watches: dict[int, Watch] = {}
        self.window = Window()
        self._doing = Doing(self)
        self._seeing = Seeing(self)
        self._slot: int | None = None

    # What a face says

    @abstractmethod
    async def arrive(self, hello: frames.Hello) -> dict[str, Any]:
        """Find out who says hello, set `who` and `site`; gives the fields of `welcome`. Raises Closing or Refused."""

    @abstractmethod
    def too_fast(self, action: str) -> float:
        """Seconds to wait before this action; 0 if it may go now. Raises Refused if it never may."""

    async def before_watch(self, conversation: int) -> None:
        """Called before anything of a conversation is shown; may raise Refused."""
        return

    async def known_again(self, action: str) -> None:
        """Called after an action of this socket is stored, before it is acknowledged: who they are may have changed with it."""
        return

    async def did(self, conversation: int) -> None:
        """Called after an action of this socket is stored and acknowledged."""
        return

    def may_be_unwelcome(self) -> bool:
        """Whether `still_welcome` has to be asked at a beat."""
        return False

    async def still_welcome(self) -> bool:
        """Asked at beats; may look something up."""
        return True

    def beat(self) -> None:
        """Every 20 seconds: say the heads, and that we are here."""
        for watch in self.watches.values():
            watch.beat()
        self.put("beat", heads={str(watch.conversation): watch.sent for watch in self.watches.values()})

    # What the rest of chat.live uses

    def put_event(self, conversation: int, position: int, frame: str) -> None:
        self.window.sent(conversation, position)
        self.put_text(frame)

    async def room(self) -> None:
        """Wait until one more event may go out."""
        await self.window.room()
        await self.outbox.calm()

    def has_room(self, events: int) -> bool:
        """True if so many events may go out at once."""
        return self.window.has_room(events) and self.outbox.is_calm

    def case(self, conversation: int) -> Case | None:
        """A conversation that is followed here, if it is known without a look at the ledger."""
        watch = self.watches.get(conversation)
        return watch.case() if watch else None

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
        # Who claims to hold more than there is would miss what comes, and could say it was seen.
        watch.sent = min(after, head)
        watch.begin(case, head=head)

    def unwatch(self, conversation: int) -> None:
        watch = self.watches.pop(conversation, None)
        if watch is not None:
            watch.end()
            self.window.forget(conversation)

    # The life of a socket

    async def reading(self) -> None:
        await self._hello()
        self._slot = beats(BEAT_EVERY).join(self)
        while True:
            frame = await self.next_frame()
            handled = getattr(self, self.handlers[type(frame)])(frame)
            if handled is not None:
                await handled

    async def leaving(self) -> None:
        if self._slot is not None:
            beats(BEAT_EVERY).leave(self, self._slot)
        for conversation in list(self.watches):
            self.unwatch(conversation)
        await self._seeing.flush()

    async def _hello(self) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                hello = await self.next_frame()
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

    def _look(self, conversation: int) -> tuple[Case, int]:
        case = enter(self.who, conversation)
        return case, read.last_position(conversation, audience=self.who.audience, upto=case.head.position)

    def beat_now(self) -> None:
        """Once in BEAT_EVERY seconds."""
        if time.monotonic() - self.heard > SILENT_AFTER:
            self.close(4408, "silent too long")
        elif self.window.behind > PATIENCE:
            self.fall_behind()
        elif self.may_be_unwelcome():
            self.spawn(self._ask_again())
        else:
            self.beat()

    async def _ask_again(self) -> None:
        if not await self.still_welcome():
            raise Closing(4401, "not signed in")
        self.beat()

    # Frames

    async def _on_watch(self, frame: frames.Watch) -> None:
        try:
            await self.watch(identifier(frame.conversation), after=frame.after)
        except Refused as refusal:
            self.error(refusal.code, str(refusal), conversation=frame.conversation)

    def _on_do(self, frame: frames.Do) -> Awaitable[None] | None:
        return self._doing.put(frame)

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
