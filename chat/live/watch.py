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
from chat.ledger import announce, read
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
        self._socket = socket
        self._bell = asyncio.Event()
        self._alive = self._sent_any = False
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

    def ring(self, _: int, position: int) -> None:
        if position > self.upto:
            self._bell.set()

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
                latest = complete and entry is entries[-1]
                self._socket.put_event(self.conversation, entry.position, self._frame(entry, head if latest else None))
                self.sent, self._sent_any = entry.position, True
            if not complete:
                continue
            self.upto = max(self.upto, head.position)
            if not self._alive:
                self._alive = True
                self._socket.put("live", conversation=str(self.conversation), head=self.sent)
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
        if head is None:
            return shown.event(entry, who=self._socket.who, state=None)
        return shown.event(entry, who=self._socket.who, state=head.state, **self._offers(head))

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
