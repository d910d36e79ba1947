"""Which conversations changed, for all inboxes of this process at once: each is read once, however many agents look.

Knows which agents a change concerns, and nothing of how it is drawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from chat.ledger import announce, read, recent
from chat.ledger.read import Head
from chat.web.inbox import rows

log = structlog.get_logger()
GATHER = 0.1
"""Seconds in which changes are gathered before they are told."""
LONGEST = 2.0
"""Seconds of gathering when many agents look at many busy conversations."""
TOLD_A_SECOND = 500
"""Rows that may be told to all agents together, from which the time of gathering follows."""
AT_ONCE = 200
KNOWN = 20_000
SHOWN = 20_000
"""Conversations remembered to be on screens; beyond, one that leaves is seen to be gone when the queue is asked for again."""


@dataclass(eq=False, slots=True)
class Interest:
    """What one inbox wants to hear of: the queues it looks at, what is its agent's own, and what nobody has yet."""

    agent: str
    tell: Callable[[Head], None]


class Changes:
    """One per event loop, alive while somebody listens."""

    def __init__(self) -> None:
        self._interests: set[Interest] = set()
        self._by_agent: dict[str, set[Interest]] = {}
        self._by_queue: dict[str, set[Interest]] = {}
        self._shown: dict[int, set[Interest]] = {}
        """Who has a conversation on the screen that concerned them when it last changed: they hear when it goes."""
        self._waiting: dict[int, int] = {}
        self._known: dict[int, int] = {}
        self._stop: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, interest: Interest) -> Callable[[], None]:
        """Tell `interest` the head of each conversation that concerns it when it changes. Returns the way to stop."""
        self._interests.add(interest)
        self._by_agent.setdefault(interest.agent, set()).add(interest)
        if self._stop is None:
            self._stop = announce.listen(None, self._ring)

        def stop() -> None:
            self._interests.discard(interest)
            for those in (*self._by_agent.values(), *self._by_queue.values(), *self._shown.values()):
                those.discard(interest)
            if not self._by_agent[interest.agent]:
                del self._by_agent[interest.agent]
            if not self._interests and self._stop is not None:
                self._stop()
                self._stop = None

        return stop

    def shows(self, interest: Interest, queue: str, conversations: Sequence[int]) -> None:
        """A queue was asked for, and these stand on the screen now."""
        self._by_queue.setdefault(queue, set()).add(interest)
        if len(self._shown) >= SHOWN:
            self._shown.clear()
        for conversation in conversations:
            self._shown.setdefault(conversation, set()).add(interest)

    def _ring(self, conversation: int, position: int) -> None:
        # The sweep rings for what is known already.
        if position <= self._known.get(conversation, 0):
            return
        # A bell of another process may be heard before our own that came first.
        self._waiting[conversation] = max(position, self._waiting.get(conversation, 0))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        pause = GATHER
        while self._waiting:
            await asyncio.sleep(pause)
            ids = list(self._waiting)[:AT_ONCE]
            positions = {conversation: self._waiting.pop(conversation) for conversation in ids}
            try:
                heads = await self._heads(positions)
            except DatabaseError as problem:
                log.warning("inbox_read_failed", problem=type(problem).__name__)
                self._waiting = positions | self._waiting
                await asyncio.sleep(1)
                continue
            if len(self._known) > KNOWN:
                self._known.clear()
            told = 0
            for head in heads:
                self._known[head.conversation] = head.position
                told += self._pass_on(head)
            pause = min(LONGEST, max(GATHER, told / TOLD_A_SECOND))

    async def _heads(self, positions: dict[int, int]) -> list[Head]:
        found = [head for cid, position in positions.items() if (head := recent.head(cid)) and head.position >= position]
        missing = list(positions.keys() - {head.conversation for head in found})
        if missing:
            found += (await read.in_thread(read.heads, missing)).values()
        return found

    def _pass_on(self, head: Head) -> int:
        concerned = self._concerned(head)
        hear = concerned | self._shown.pop(head.conversation, set())
        if concerned:
            self._shown[head.conversation] = concerned
        if len(self._shown) > SHOWN:
            self._shown.clear()
        for interest in hear:
            interest.tell(head)
        return len(hear)

    def _concerned(self, head: Head) -> set[Interest]:
        state = head.state
        if not state.assignee and state.status != "closed":
            # What nobody has yet concerns everybody: it changes the counts that each inbox shows.
            return set(self._interests)
        theirs = [self._by_agent.get(ref, set()) for ref in (state.assignee, state.offered_to)]
        return set().union(*theirs, *(self._by_queue.get(name, set()) for name in rows.queues_of(head, agent="")))


_here: WeakKeyDictionary[asyncio.AbstractEventLoop, Changes] = WeakKeyDictionary()


def changes() -> Changes:
    """The one of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _here:
        _here[loop] = Changes()
    return _here[loop]
