"""A transcript on its way to one reader: written beside the event loop, piece by piece as it is taken. Knows no request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from django.db import close_old_connections, connection

from chat.ledger.read import in_thread

AT_ONCE = 2
"""Pieces that are written at the same time, of all downloads: the other reading threads stay free for those who chat."""
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_heavy = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="heavy-transcripts")
"""For pieces that take seconds: they would keep the light ones from their turn."""


async def streamed(pieces: Iterator[bytes], *, heavy: bool = False) -> AsyncIterator[bytes]:
    """The pieces one by one, each made when the one before has been taken. Whoever stops in between leaves nothing running."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    while True:
        if heavy:
            piece = await asyncio.get_running_loop().run_in_executor(_heavy, _next, pieces)
        else:
            async with turns:
                piece = await in_thread(next, pieces, b"")
        if not piece:
            return
        yield piece


def rest(seconds: float = 120) -> None:
    """Wait until no heavy piece is being written: for those who take the database away. Raises BrokenBarrierError if that takes longer."""
    idle = threading.Barrier(AT_ONCE + 1)
    for _ in range(AT_ONCE):
        _heavy.submit(idle.wait, seconds)
    idle.wait(seconds)


def _next(pieces: Iterator[bytes]) -> bytes:
    # As `in_thread` does it: a pool takes its connection back each time, SQLite's stays with the thread.
    if connection.vendor != "sqlite" or connection.errors_occurred:
        close_old_connections()
    return next(pieces, b"")
