"""Which conversations changed, for all inboxes of this process at once: each is read once, however many agents look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from chat.ledger import announce, read
from chat.ledger.read import Head

log = structlog.get_logger()
GATHER = 0.1
"""Seconds in which changes are gathered before they are read."""
AT_ONCE = 200
KNOWN = 20_000

Listener = Callable[[Head], None]


class Changes:
    """One per event loop, alive while somebody listens."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._waiting: dict[int, int] = {}
        self._known: dict[int, int] = {}
        self._stop: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with the head of each conversation that changes. Returns the way to stop."""
        self._listeners.add(listener)
        if self._stop is None:
            self._stop = announce.listen(None, self._ring)

        def stop() -> None:
            self._listeners.discard(listener)
            if not self._listeners and self._stop is not None:
                self._stop()
                self._stop = None

        return stop

    def _ring(self, conversation: int, position: int) -> None:
        # The sweep rings for what is known already.
        if position <= self._known.get(conversation, 0):
            return
        self._waiting[conversation] = position
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER)
            ids = list(self._waiting)[:AT_ONCE]
            positions = {conversation: self._waiting.pop(conversation) for conversation in ids}
            try:
                heads = await read.in_thread(read.heads, ids)
            except DatabaseError as problem:
                log.warning("inbox_read_failed", problem=type(problem).__name__)
                self._waiting = positions | self._waiting
                await asyncio.sleep(1)
                continue
            if len(self._known) > KNOWN:
                self._known.clear()
            for head in heads.values():
                self._known[head.conversation] = head.position
                for listener in list(self._listeners):
                    listener(head)


_here: WeakKeyDictionary[asyncio.AbstractEventLoop, Changes] = WeakKeyDictionary()


def changes() -> Changes:
    """The one of this event loop."""
    return _here.setdefault(asyncio.get_running_loop(), Changes())
