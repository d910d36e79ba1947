"""Announcements between several processes: carried over Redis, and swept up where Redis lost them. One task a process.

Knows neither how bells travel nor how a sweep looks.
"""

from __future__ import annotations

import asyncio

from django.conf import settings
from django.db import connections

from server.bells_line import Bells, Stats
from server.sweep import Sweeper

_running: Bells | None = None
_sweeper: Sweeper | None = None


async def run(stopping: asyncio.Event) -> None:
    """Carry this process's announcements to the others, and sweep, until `stopping`."""
    global _running, _sweeper
    sweeper = _sweeper = Sweeper(unheard=_unheard)
    async with asyncio.TaskGroup() as group:
        group.create_task(sweeper.run(stopping))
        if settings.REDIS:
            _running = Bells(settings.REDIS, ask=sweeper.ask)
            group.create_task(_running.carry(stopping))


async def farewell() -> None:
    """The last word of this process, after its writer has ended."""
    if _running is not None:
        await _running.farewell()


def stats() -> Stats | None:
    """None if this process has no bells: one process alone needs none."""
    return _running.stats() if _running is not None else None


def sweeps() -> int:
    return _sweeper.sweeps if _sweeper is not None else 0


def _unheard() -> bool:
    connected = _running is not None and _running.stats().connected
    return not connected and connections["default"].vendor == "postgresql"
