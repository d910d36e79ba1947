"""Which writer this process has, and in which event loop it lives. Knows no statement and nothing of what is written.

A server says `live_here()` in its loop. Commands, scripts and tests say nothing: their first append starts a loop of its own in a thread.
"""

from __future__ import annotations

import asyncio
import threading

from django.db import connections

from chat.ledger.group import Writer

PATIENCE = 20.0
"""Seconds that what waits may take to be written when a writer is stopped."""

_running: Writer | None = None
_own: threading.Thread | None = None
"""The thread of the writer's loop, if nobody gave it one."""
_changing = threading.Lock()


def running_writer() -> Writer:
    """The writer of this process; started at the first call, for the engine of the default database."""
    writer = _running
    if writer is not None and not writer.ended():
        return writer
    return _started(None)


async def live_here() -> None:
    """From now on the writer lives in the running loop: what is appended there takes no way through other threads."""
    await asyncio.get_running_loop().run_in_executor(None, stop_writer)
    _started(asyncio.get_running_loop())


async def leave() -> None:
    """`stop_writer` for the loop it lives in."""
    writer = _running
    if writer is not None and writer.loop is asyncio.get_running_loop():
        await asyncio.wait_for(writer.stop(), PATIENCE)
    await asyncio.get_running_loop().run_in_executor(None, stop_writer)


def stop_writer() -> None:
    """Write what waits and end this process's writer; the next append starts a new one. Not for the loop it lives in."""
    global _running, _own
    with _changing:
        writer, _running, thread, _own = _running, None, _own, None
    if writer is None:
        return
    if not writer.ended():
        asyncio.run_coroutine_threadsafe(writer.stop(), writer.loop).result(PATIENCE)
    writer.give_up()
    if thread is not None:
        writer.loop.call_soon_threadsafe(writer.loop.stop)
        thread.join(PATIENCE)
        writer.loop.close()


def _started(loop: asyncio.AbstractEventLoop | None) -> Writer:
    global _running, _own
    with _changing:
        if _running is not None and not _running.ended():
            return _running
        if _running is not None:  # its loop was closed without a word
            _running.give_up()
        if loop is None:
            loop = asyncio.new_event_loop()
            _own = threading.Thread(target=loop.run_forever, name="ledger-loop", daemon=True)
            _own.start()
        _running = _made(loop)
        return _running


def _made(loop: asyncio.AbstractEventLoop) -> Writer:
    if connections["default"].vendor == "postgresql":
        from chat.ledger.writer_postgres import PostgresWriter

        return PostgresWriter(loop)
    from chat.ledger.writer_sqlite import SqliteWriter

    return SqliteWriter(loop)
