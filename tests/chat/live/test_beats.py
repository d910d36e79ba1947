"""One heartbeat for all sockets of a loop."""

from __future__ import annotations

import asyncio

from chat.live.beats import Beats


class _Socket:
    def __init__(self, problem: Exception | None = None) -> None:
        self.beaten = 0
        self._problem = problem

    def beat_now(self) -> None:
        self.beaten += 1
        if self._problem is not None:
            raise self._problem


async def test_a_socket_that_fails_stops_the_heart_of_no_other() -> None:
    beats = Beats(0.1)
    broken, sound = _Socket(RuntimeError("a bug")), _Socket()
    slots = [(socket, beats.join(socket)) for socket in (broken, sound)]
    async with asyncio.timeout(10):
        while sound.beaten < 3:  # noqa: ASYNC110  # a beat tells nobody
            await asyncio.sleep(0.01)
    for socket, slot in slots:
        beats.leave(socket, slot)
    assert broken.beaten >= 3
