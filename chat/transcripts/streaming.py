"""A transcript on its way to one reader: written beside the event loop, piece by piece as it is taken. Knows no request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from weakref import WeakKeyDictionary

from chat.ledger.read import in_thread

AT_ONCE = 2
"""Pieces that are written at the same time, of all downloads: the other reading threads stay free for those who chat."""
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces one by one, each made when the one before has been taken. Whoever stops in between leaves nothing running."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    while True:
        async with turns:
            piece = await in_thread(next, pieces, b"")
        if not piece:
            return
        yield piece
