"""The end of a process: every socket is told, and closed so that its client comes back."""

from __future__ import annotations

import asyncio

from chat.live.wire import open_sockets

PATIENCE = 4.0
"""Seconds until those that do not go are left behind."""


async def close_all() -> None:
    """Close every socket of this process with 4001 and wait until they are gone."""
    for socket in list(open_sockets):
        socket.close(4001, "the server stops")
    if running := [socket.task for socket in open_sockets if socket.task is not None]:
        await asyncio.wait(running, timeout=PATIENCE)
