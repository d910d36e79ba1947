"""Redis is killed, hung and emptied while Nadia and Tom talk across two processes: every line arrives in order, and health tells of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
import websockets

from tests.chat.live.line import Client
from tests.journeys.shop import Shop
from tests.services import Postgres, Redis, RunningServer, free_port

pytestmark = pytest.mark.engine
PACE = 0.55
"""Seconds between two lines: as fast as a customer may go on for ever."""
_numbers = itertools.count(1)


@pytest.fixture
def own_redis(services_folder: Path) -> Iterator[Redis]:
    """One that a test may hurt."""
    server = Redis(services_folder / f"hurt-redis-{next(_numbers)}")
    yield server
    server.go_on()
    server.stop()


@dataclass
class Process:
    """One `serve` and what its status port tells."""

    server: RunningServer
    status: int

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status}/health", timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def figure(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status}/metrics", timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


@pytest.fixture
def pair(server_factory: Callable[..., RunningServer], postgres_server: Postgres, own_redis: Redis) -> tuple[Process, Process]:
    shared = {
        "database": postgres_server.create_database(),
        "redis": own_redis.url,
        "secret": "one secret for all processes of this house",
        "blobs": str(own_redis._folder / "blobs"),
    }
    made = []
    for _ in range(2):
        number = free_port()
        made.append(Process(server_factory(command="serve", status=f"127.0.0.1:{number}", **shared), number))
    assert made[0].server.run("migrate").returncode == 0
    return made[0], made[1]


@dataclass
class Speaker:
    """Says line after line without waiting for an answer, and keeps what is heard of the other one."""

    client: Client
    action: str
    name: str
    conversation: str
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    last: int = 0
    quiet: bool = False

    async def speak(self) -> None:
        while not self.quiet:
            self.said.append(f"{self.name} {len(self.said)}")
            await self.client.do(self.action, self.conversation, text=self.said[-1])
            await asyncio.sleep(PACE)

    async def hear(self) -> None:
        while True:
            frame = await self.client.any(within=60)
            assert frame["t"] != "refused", frame
            if frame["t"] == "event":
                assert self.last in (0, frame["prev"]), f"{self.name} has {self.last}; before {frame} something is missing or out of order."
                self.last = frame["position"]
                self.heard.append(frame["body"].get("text", ""))


@asynccontextmanager
async def conversation(here: Process, there: Process) -> AsyncIterator[tuple[Speaker, Speaker]]:
    """Nadia at one process, Tom at the other, both talking until the block ends; then every line has reached both in order."""
    shop = Shop(here.server)
    await asyncio.gather(*(asyncio.to_thread(process.server.start) for process in (here, there)))
    cookie = {"Cookie": f"sessionid={shop.agents['Tom'][1]}"}
    async with (
        websockets.connect(f"ws://127.0.0.1:{here.server.port}/live/widget") as customers,
        websockets.connect(f"ws://127.0.0.1:{there.server.port}/live/inbox", additional_headers=cookie) as agents,
    ):
        nadia, tom = Client(customers), Client(agents)
        await nadia.hello(visitor="")
        opened = (await nadia.done("open", text="Is anybody there?", name="Nadia"))["conversation"]
        await tom.hello()
        await tom.send("watch", conversation=opened, after=0)
        await tom.next("live")
        speakers = Speaker(nadia, "say", "Nadia", opened), Speaker(tom, "reply", "Tom", opened)
        hearing = [asyncio.create_task(speaker.hear()) for speaker in speakers]
        speaking = [asyncio.create_task(speaker.speak()) for speaker in speakers]
        try:
            yield speakers
            for speaker in speakers:
                speaker.quiet = True
            await asyncio.gather(*speaking)
            await until(lambda: all(_complete(speaker, speakers) for speaker in speakers), *hearing)
        finally:
            for task in (*hearing, *speaking):
                task.cancel()


def _complete(speaker: Speaker, everybody: tuple[Speaker, Speaker]) -> bool:
    return set(speaker.heard) >= {text for one in everybody for text in one.said}


async def talked(nadia: Speaker, tom: Speaker) -> None:
    """What each says from now on has reached the other."""
    hopes = (tom, nadia, len(nadia.said)), (nadia, tom, len(tom.said))
    await until(lambda: all(f"{speaker.name} {count}" in hearer.heard for hearer, speaker, count in hopes))


async def until(holds: Callable[[], Any], *tasks: asyncio.Task[None], within: float = 40) -> None:
    """Wait for it; what a task of the test has to say comes first."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(holds):
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)


async def test_killed_hung_and_with_its_listeners_thrown_out_it_costs_no_line(pair: tuple[Process, Process], own_redis: Redis) -> None:
    async with conversation(*pair) as (nadia, tom):
        await talked(nadia, tom)
        own_redis.kill()
        await until(lambda: all("redis" in process.health()["warnings"] for process in pair))
        assert all(process.figure("throughline_bells_connected") == 0 for process in pair)
        await until(lambda: all(process.figure("throughline_bells_lost_total") > 0 for process in pair))
        await talked(nadia, tom)  # by sweeps
        own_redis.start()  # and it is empty
        await back(pair)
        await talked(nadia, tom)

        own_redis.hang()
        await until(lambda: all("redis" in process.health()["warnings"] for process in pair), within=15)
        own_redis.go_on()
        await back(pair)
        await talked(nadia, tom)

        async with redis.asyncio.from_url(own_redis.url) as client:
            for _ in range(3):
                await client.flushall()
                await client.client_kill_filter(_type="pubsub")
                await asyncio.sleep(0.3)
        await back(pair)
        await talked(nadia, tom)
    await until(lambda: all(process.health()["warnings"] == {} for process in pair), within=5)
    assert "1 conversation verified" in (await asyncio.to_thread(pair[0].server.run, "verify")).stdout


async def back(pair: tuple[Process, Process]) -> None:
    await until(lambda: all(process.figure("throughline_bells_connected") == 1 for process in pair))


async def test_a_process_that_is_killed_is_missed_and_one_that_stops_says_so(pair: tuple[Process, Process]) -> None:
    here, there = pair
    await asyncio.gather(*(asyncio.to_thread(process.server.start) for process in pair))
    await until(lambda: here.figure("throughline_bells_others") == 1)
    gaps = here.figure("throughline_bells_gaps_total")
    assert await asyncio.to_thread(there.server.stop) == 0
    await until(lambda: here.figure("throughline_bells_others") == 0, within=5)
    assert here.figure("throughline_bells_gaps_total") == gaps
    await asyncio.to_thread(there.server.start)
    await until(lambda: here.figure("throughline_bells_others") == 1)
    there.server.kill()
    await until(lambda: here.figure("throughline_bells_others") == 0, within=20)
    assert here.figure("throughline_bells_gaps_total") > gaps
