"""Wakes a loop of this process when there is work, so that it need not ask every moment. May be lost: loops look on their own too."""

from __future__ import annotations

import asyncio


class Doorbell:
    """`ring()` from anywhere, any number of times; `wait()` in the one loop that answers it."""

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        loop, event = self._loop, self._event
        if loop is not None and event is not None and not loop.is_closed():
            loop.call_soon_threadsafe(event.set)

    async def wait(self, stopping: asyncio.Event, *, seconds: float) -> None:
        """Until it rings, `stopping` is set or `seconds` have passed."""
        if self._event is None or self._loop is not asyncio.get_running_loop():
            self._loop, self._event = asyncio.get_running_loop(), asyncio.Event()
        waits = [asyncio.ensure_future(self._event.wait()), asyncio.ensure_future(stopping.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            self._event.clear()
