"""Two processes that ring for each other over Redis: one begins, the other answers each delivery. Our doorbells, or channels_redis.

Run as `python -m benchmarks.servers.ringing bells|layer begin|answer`; who begins reads seconds and says deliveries a second.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from abc import ABC, abstractmethod

CONVERSATIONS = 400
"""Each with one ring under way, as so many people who wait for each other's answer."""


class Ringing(ABC):
    """`mine` are the places this process listens at; a delivery there is answered at the other's place of the same number."""

    def __init__(self, *, begins: bool) -> None:
        self.mine, self.theirs = (1, 1_000_001) if begins else (1_000_001, 1)
        self.heard = 0
        self._begun = False
        self._answers: dict[int, int] = {}

    @abstractmethod
    async def listen(self) -> None:
        """From now on `hear` is called for each delivery."""

    @abstractmethod
    async def ring(self, places: dict[int, int]) -> None:
        """All that is to be rung at this moment, each place with its position."""

    def hear(self, place: int, position: int) -> None:
        self.heard += 1
        # What is heard in one pass of the loop is answered together, as one commit would.
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._answer)
        self._answers[place - self.mine + self.theirs] = position + 1

    async def begin(self) -> None:
        """The first ring at each place; from then on they come back for ever."""
        if not self._begun:
            self._begun = True
            await self.ring({self.theirs + number: 1 for number in range(CONVERSATIONS)})

    def _answer(self) -> None:
        answers, self._answers = self._answers, {}
        self._task = asyncio.get_running_loop().create_task(self.ring(answers))


class Bells(Ringing):
    async def listen(self) -> None:
        from chat.ledger import announce
        from server import bells

        self._running = asyncio.get_running_loop().create_task(bells.run(asyncio.Event()))
        for number in range(CONVERSATIONS):
            announce.listen(self.mine + number, self.hear)

    async def ring(self, places: dict[int, int]) -> None:
        from chat.ledger import announce

        announce.reached(places)


class Layer(Ringing):
    async def listen(self) -> None:
        from channels_redis.core import RedisChannelLayer

        self._layer = RedisChannelLayer(hosts=[os.environ["THROUGHLINE_REDIS"]], prefix=os.environ["BENCH_PREFIX"], capacity=100_000)
        self._members = [asyncio.create_task(self._member(self.mine + number)) for number in range(CONVERSATIONS)]

    async def _member(self, place: int) -> None:
        channel = await self._layer.new_channel()
        await self._layer.group_add(f"place{place}", channel)
        while True:
            message = await self._layer.receive(channel)
            self.hear(place, message["position"])

    async def ring(self, places: dict[int, int]) -> None:
        for place, position in places.items():
            await self._layer.group_send(f"place{place}", {"type": "rung", "position": position})


async def main(what: str, part: str) -> None:
    # What others print must not be taken for a figure.
    out, sys.stdout = sys.stdout, sys.stderr
    ringing = (Bells if what == "bells" else Layer)(begins=part == "begin")
    await ringing.listen()
    await asyncio.sleep(2)
    out.write("ready\n")
    out.flush()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await ringing.begin()
        began, before = time.monotonic(), ringing.heard
        await asyncio.sleep(float(line))
        # Each of ours was answered by one of theirs.
        out.write(f"{2 * (ringing.heard - before) / (time.monotonic() - began)}\n")
        out.flush()


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    from server import logs

    logs.set_up()
    django.setup()
    asyncio.run(main(*sys.argv[1:]))
