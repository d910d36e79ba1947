"""One conversation as one socket follows it: replay, then live, without a gap and without a double, for one audience.

The doorbell is only a hint: what is sent comes from the ledger, in order, after the last position sent.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError

from chat.actions.access import Case
from chat.actions.action import offered
from chat.actions.fields import described
from chat.ledger import announce, read, recent
from chat.ledger.event import Audience
from chat.ledger.read import Entry, Head
from chat.live import holding, shown
from chat.live.presence import Place
from chat.people.models import Site

if TYPE_CHECKING:
    from chat.live.socket import Socket

log = structlog.get_logger()
PAGE = 100


class Watch:
    """Follows from its making on. `sent` is the last position given to the socket, `upto` how far the ledger was read for it.

    A task is there only while the ledger is read; what this process writes itself is sent on the spot.
    """

    __slots__ = (
        "_again",
        "_alive",
        "_held",
        "_offered",
        "_rung",
        "_sent_any",
        "_site",
        "_socket",
        "_stops",
        "_task",
        "conversation",
        "place",
        "sent",
        "upto",
    )

    def __init__(self, socket: Socket, conversation: int, *, after: int) -> None:
        self.conversation = conversation
        self.sent = after
        self.upto = self._rung = 0
        self._socket = socket
        self._alive = self._sent_any = self._again = self._held = False
        # Listening begins before the first read: what is committed in between rings, and is read again.
        self._stops = (announce.listen(conversation, self.ring), announce.overhear(conversation, self._hear))
        self._task: asyncio.Task[None] | None = None
        self.place: Place | None = None
        self._site: Site | None = None
        self._offered: list[str] | None = None

    def begin(self, case: Case, *, head: int) -> None:
        """Say what is followed and start sending. `head` is the last position this reader may see."""
        self._site = _shared(case.site)
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
            self._socket.spawn(self._tell_held())
        self._read_on()

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

    @property
    def site(self) -> int:
        """Whose conversation it is; 0 before `begin`."""
        return self._site.pk if self._site else 0

    def case(self) -> Case | None:
        """The conversation as this process last wrote it, if it is known here without a look at the ledger."""
        head = recent.head(self.conversation)
        if self._site is None or head is None or head.position < self._rung:
            return None
        return Case(who=self._socket.who, head=head, site=self._site)

    def ring(self, _: int, position: int) -> None:
        self._rung = max(self._rung, position)
        if position > self.upto and self._site is not None and not (self._task is None and self._at_once(position)):
            self._read_on()

    def _at_once(self, position: int) -> bool:
        """Send what this process has just written, if nothing lies in between and the reader keeps up."""
        head = recent.head(self.conversation)
        entries = recent.after(self.conversation, self.upto, upto=position)
        if entries is None or head is None or not self._socket.has_room(len(entries)):
            return False
        if self._socket.who.audience is Audience.EVERYONE:
            entries = [entry for entry in entries if entry.audience is Audience.EVERYONE]
        for entry in entries:
            self._put(entry, head if entry is entries[-1] else None)
        self.upto = head.position
        return True

    def _read_on(self) -> None:
        self._again = True
        if self._task is None:
            self._task = self._socket.spawn(self._run())

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._catch_up()
        finally:
            self._task = None

    async def _catch_up(self) -> None:
        """Send everything the ledger holds by now."""
        complete = False
        while not complete:
            try:
                entries, head = await read.in_thread(self._read)
            except DatabaseError as problem:
                log.warning("live_read_failed", problem=type(problem).__name__)
                await asyncio.sleep(random.uniform(0.5, 2))
                continue
            complete = len(entries) < PAGE
            for entry in entries:
                await self._socket.room()
                self._put(entry, head if complete and entry is entries[-1] else None)
        self.upto = max(self.upto, head.position)
        if not self._alive:
            self._alive = True
            self._socket.put("live", conversation=str(self.conversation), head=self.sent)

    def _read(self) -> tuple[list[Entry], Head]:
        # The head first, and nothing beyond it: events committed between the two reads ring again, and come with their own state.
        head = read.head(self.conversation)
        assert head is not None, "conversations are never deleted"
        # What was sent to this audience is known to be its last position; where a client began is only its word.
        known = self.sent if self._sent_any else None
        audience = self._socket.who.audience
        found = read.events(self.conversation, audience=audience, after=self.sent, upto=head.position, limit=PAGE, previous=known)
        return list(found), head

    def _put(self, entry: Entry, head: Head | None) -> None:
        # Where replay begins the ledger says what came before; from then on it is what was sent last.
        previous = self.sent if self._sent_any or self._alive else entry.previous
        state, offers = (head.state, self._offers(head)) if head else (None, {})
        frame = shown.event(entry, who=self._socket.who, previous=previous, state=state, **offers)
        self._socket.put_event(self.conversation, entry.position, frame)
        self.sent, self._sent_any = entry.position, True

    def _offers(self, head: Head) -> dict[str, Any]:
        """`actions` for an agent, if they are others than those told before. From the folded state alone: nothing is read for it."""
        if self._site is None or self._socket.who.side != "agents":
            return {}
        found = offered(Case(who=self._socket.who, head=head, site=self._site))
        names = [action.name for action in found]
        if names == self._offered:
            return {}
        self._offered = names
        return {"actions": [described(action) for action in found]}

    def _hear(self, _: int, said: dict[str, Any]) -> None:
        typing = said.get("typing")
        if typing and said["socket"] != self._socket.name:
            self._socket.put("typing", conversation=str(self.conversation), **typing)
        if said.get("held") and self.place:
            self._socket.spawn(self._tell_held())

    async def _tell_held(self) -> None:
        """To agents: what is not said yet, because its author can still take it back."""
        try:
            items = await read.in_thread(holding.shown, self.conversation, self._socket.who)
        except DatabaseError:  # told again with the next word about it
            return
        if items or self._held:
            self._held = bool(items)
            self._socket.put("held", conversation=str(self.conversation), items=items)

    def _viewers_changed(self) -> None:
        if self.place:
            self._socket.put("presence", conversation=str(self.conversation), viewing=self.place.people())


_sites: dict[int, Site] = {}


def _shared(site: Site) -> Site:
    """One row in memory for everybody who follows something of this site, as long as it is the same."""
    known = _sites.get(site.pk)
    if known is None or _columns(known) != _columns(site):
        known = _sites[site.pk] = site
    return known


def _columns(site: Site) -> dict[str, Any]:
    return {name: value for name, value in vars(site).items() if name != "_state"}
