"""One conversation as one socket follows it: replay, then live, without a gap and without a double, for one audience.

The doorbell is only a hint: what is sent comes from the ledger, in order, after the last position sent.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError

from chat.actions.access import Case
from chat.actions.action import offered
from chat.actions.fields import described
from chat.ledger import announce, read, recent
from chat.ledger.event import Audience
from chat.ledger.read import Entry, Head
from chat.live import shown
from chat.live.presence import Place

if TYPE_CHECKING:
    from chat.live.socket import Socket

log = structlog.get_logger()
PAGE = 100


class Watch:
    """Follows from its making on; `run` sends. `sent` is the last position given to the socket, `upto` how far the ledger was read."""

    def __init__(self, socket: Socket, conversation: int, *, after: int) -> None:
        self.conversation = conversation
        self.sent = after
        self.upto = 0
        self._rung = 0
        self._socket = socket
        self._bell = asyncio.Event()
        self._alive = self._sent_any = self._idle = False
        # Listening begins before the first read: what is committed in between rings, and is read again.
        self._stops = [announce.listen(conversation, self.ring), announce.overhear(conversation, self._hear)]
        self._task: asyncio.Task[None] | None = None
        self.place: Place | None = None
        self._case: Case | None = None
        self._offered: list[str] | None = None

    def begin(self, case: Case, *, head: int) -> None:
        """Say what is followed and start sending. `head` is the last position this reader may see."""
        self._case = case
        self._socket.put(
            "watching",
            conversation=str(self.conversation),
            case=case.case_number,
            head=head,
            state=shown.state_for(case.state, self._socket.who),
            **self._offers(case.head),
        )
        if self._socket.who.side == "agents":
            self.place = Place(self.conversation, self._viewers_changed)
            self.place.join(self._socket.name, ref=self._socket.who.ref, name=self._socket.who.name)
        self._task = self._socket.spawn(self._run())

    def end(self) -> None:
        for stop in self._stops:
            stop()
        if self.place:
            self.place.leave()
        if self._task:
            self._task.cancel()

    def beat(self) -> None:
        if self.place:
            self.place.beat()

    def case(self) -> Case | None:
        """The conversation as this process last wrote it, if it is known here without a look at the ledger."""
        head = recent.head(self.conversation)
        if self._case is None or head is None or head.position < self._rung:
            return None
        return replace(self._case, who=self._socket.who, head=head)

    def ring(self, _: int, position: int) -> None:
        self._rung = max(self._rung, position)
        if position > self.upto and not (self._idle and self._at_once(position)):
            self._idle = False
            self._bell.set()

    def _at_once(self, position: int) -> bool:
        """Send what this process has just written, if nothing lies in between and the reader keeps up."""
        head = recent.head(self.conversation)
        entries = recent.after(self.conversation, self.upto, upto=position)
        if entries is None or head is None or not self._socket.has_room(len(entries)):
            return False
        self._send([entry for entry in entries if self._for_us(entry)], head)
        self.upto = head.position
        return True

    def _for_us(self, entry: Entry) -> bool:
        return entry.audience is Audience.EVERYONE or self._socket.who.audience is Audience.AGENTS

    def _send(self, entries: list[Entry], head: Head) -> None:
        for entry in entries:
            self._put(entry, head if entry is entries[-1] else None)

    def _put(self, entry: Entry, head: Head | None) -> None:
        self._socket.put_event(self.conversation, entry.position, self._frame(entry, head))
        self.sent, self._sent_any = entry.position, True

    async def _run(self) -> None:
        while True:
            self._bell.clear()
            try:
                entries, head = await read.in_thread(self._read)
            except DatabaseError as problem:
                log.warning("live_read_failed", problem=type(problem).__name__)
                await asyncio.sleep(random.uniform(0.5, 2))
                self._bell.set()
                continue
            complete = len(entries) < PAGE
            for entry in entries:
                await self._socket.room()
                self._put(entry, head if complete and entry is entries[-1] else None)
            if not complete:
                continue
            self.upto = max(self.upto, head.position)
            if not self._alive:
                self._alive = True
                self._socket.put("live", conversation=str(self.conversation), head=self.sent)
            # From here on a ring is answered on the spot where it can be; the flag falls with the first one that cannot.
            self._idle = not self._bell.is_set()
            await self._bell.wait()

    def _read(self) -> tuple[list[Entry], Head]:
        # The head first: events committed between the two reads lie beyond it and ring again.
        head = read.head(self.conversation)
        assert head is not None, "conversations are never deleted"
        # What was sent to this audience is known to be its last position; where a client began is only its word.
        known = self.sent if self._sent_any else None
        audience = self._socket.who.audience
        return list(read.events(self.conversation, audience=audience, after=self.sent, limit=PAGE, previous=known)), head

    def _frame(self, entry: Entry, head: Head | None) -> str:
        # Where replay begins, what a client claims to hold is only its word: the ledger says what came before.
        previous = self.sent if self._sent_any or self._alive else entry.previous
        if head is None:
            return shown.event(entry, who=self._socket.who, previous=previous, state=None)
        return shown.event(entry, who=self._socket.who, previous=previous, state=head.state, **self._offers(head))

    def _offers(self, head: Head) -> dict[str, Any]:
        """`actions` for an agent, if they are others than those told before. From the folded state alone: nothing is read for it."""
        if self._case is None or self._socket.who.side != "agents":
            return {}
        found = offered(replace(self._case, who=self._socket.who, head=head))
        names = [action.name for action in found]
        if names == self._offered:
            return {}
        self._offered = names
        return {"actions": [described(action) for action in found]}

    def _hear(self, _: int, said: dict[str, Any]) -> None:
        typing = said.get("typing")
        if typing and said["socket"] != self._socket.name:
            self._socket.put("typing", conversation=str(self.conversation), **typing)

    def _viewers_changed(self) -> None:
        if self.place:
            self._socket.put("presence", conversation=str(self.conversation), viewing=self.place.people())
