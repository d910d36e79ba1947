"""Bells between processes, over a real Redis that is killed, emptied, hung and cut: what is lost is known, and looked for."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis.asyncio as redis

from chat.ledger import announce
from server import bells_line
from server.bells_line import Bells
from tests.services import Redis

LAMP, SHADE = 4_611_686_018_427_387_905, 77
"""Two conversations."""
_numbers = itertools.count(1)

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("BEAT", 0.2), ("PATIENCE", 1.5), ("ANSWER", 1.5), ("PAUSE", 0.1)):
        monkeypatch.setattr(bells_line, name, seconds)


@pytest.fixture
def own_redis(services_folder: Path) -> Iterator[Redis]:
    """One that a test may hurt."""
    server = Redis(services_folder / f"redis-{next(_numbers)}")
    yield server
    server.go_on()
    server.stop()


class House:
    """The bells of this process, and another process as a plain Redis client: `heard` is what came over the line from us."""

    def __init__(self, url: str) -> None:
        self.asked: list[int] = []
        self.bells = Bells(url, ask=self.asked.append)
        self.heard: list[dict[str, Any]] = []
        self.client = redis.from_url(url)
        self._number = 0

    async def says(self, *, number: int = 0, node: str = "another", **bell: Any) -> None:
        self._number = number or self._number + 1
        await self.publish(orjson.dumps({"n": self._number, **bell}), node=node)

    async def publish(self, data: bytes, *, node: str = "another") -> None:
        await self.client.publish(f"throughline:0:bells:{node}", data)

    async def listen(self) -> None:
        while True:
            try:
                async with self.client.pubsub() as pubsub:
                    await pubsub.psubscribe("throughline:0:bells:*")
                    async for message in pubsub.listen():
                        if message["type"] == "pmessage" and message["channel"].endswith(self.bells.node.encode()):
                            self.heard.append(orjson.loads(message["data"]))
            except redis.RedisError:
                await asyncio.sleep(0.05)

    def told(self) -> list[dict[str, Any]]:
        """Without the beats."""
        return [bell for bell in self.heard if len(bell) > 1]

    @property
    def connected(self) -> bool:
        return self.bells.stats().connected


@asynccontextmanager
async def house(url: str) -> AsyncIterator[House]:
    stopping = asyncio.Event()
    here = House(url)
    carrying, listening = asyncio.create_task(here.bells.carry(stopping)), asyncio.create_task(here.listen())
    await until(lambda: here.connected and bool(here.heard))
    try:
        yield here
    finally:
        stopping.set()
        await asyncio.wait_for(carrying, 10)
        await here.bells.farewell()
        await until(lambda: any("bye" in bell for bell in here.heard))
        listening.cancel()
        await here.client.aclose()


@asynccontextmanager
async def ears(conversation: int = LAMP) -> AsyncIterator[list[Any]]:
    """What is rung and whispered here about a conversation."""
    heard: list[Any] = []
    stops = [announce.listen(conversation, lambda _, position: heard.append(position))]
    stops.append(announce.overhear(conversation, lambda _, said: heard.append(said)))
    yield heard
    for stop in stops:
        stop()


async def until(holds: Callable[[], bool], *, within: float = 15) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  # a condition of several objects has no event
            await asyncio.sleep(0.01)


async def test_what_one_commit_reached_is_one_bell(redis_server: Redis) -> None:
    async with house(redis_server.url) as here:
        announce.reached({LAMP: 3, SHADE: 9})
        await until(lambda: bool(here.told()))
        assert here.told() == [{"n": 1, "r": {str(LAMP): 3, str(SHADE): 9}}]


async def test_commits_while_a_bell_is_on_its_way_go_into_one(redis_server: Redis) -> None:
    async with house(redis_server.url) as here:
        # A writer in a thread, which goes on while the loop is held.
        def write() -> None:
            for position in range(1, 1001):
                announce.reached({LAMP: position})

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(10)
        await until(lambda: bool(here.told()))
        assert here.told() == [{"n": 1, "r": {str(LAMP): 1000}}]
        assert here.bells.stats().lost == 0


async def test_a_bell_goes_at_once_and_what_comes_right_behind_it_is_gathered(redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells_line, "GATHER", 1.0)
    monkeypatch.setattr(bells_line, "LONGEST", 0.5)
    async with house(redis_server.url) as here:
        for position in range(1, 6):
            announce.reached({LAMP: position})
            await asyncio.sleep(0.02)
        await until(lambda: len(here.told()) == 2)
        assert [bell["r"][str(LAMP)] for bell in here.told()] == [1, 5]


async def test_a_bell_of_another_process_rings_here_and_goes_no_further(redis_server: Redis) -> None:
    async with house(redis_server.url) as here, ears() as heard:
        await here.says(r={str(LAMP): 7}, w=[[LAMP, {"typing": {"name": "Tom"}}]])
        await until(lambda: len(heard) == 2)
        assert heard == [7, {"typing": {"name": "Tom"}}]
        assert here.told() == []


async def test_our_own_bell_is_not_taken_for_another_ones(redis_server: Redis) -> None:
    async with house(redis_server.url) as here, ears() as heard:
        announce.reached({LAMP: 3})
        await until(lambda: bool(here.told()))
        await here.says(r={str(LAMP): 4})
        await until(lambda: 4 in heard)
        assert heard == [3, 4]
        assert here.bells.stats().heard == 1


async def test_a_jump_in_the_numbers_asks_for_a_sweep(redis_server: Redis) -> None:
    async with house(redis_server.url) as here, ears() as heard:
        before = len(here.asked)
        await here.says(r={str(LAMP): 1})
        await here.says(r={str(LAMP): 2})
        await until(lambda: 2 in heard)
        assert len(here.asked) == before
        await here.says(number=4, r={str(LAMP): 4})
        await until(lambda: 4 in heard)
        assert len(here.asked) == before + 1
        assert here.bells.stats().gaps == 1


async def test_a_beat_tells_that_the_last_bell_was_lost(redis_server: Redis) -> None:
    async with house(redis_server.url) as here:
        await here.says(r={str(LAMP): 1})
        before = len(here.asked)
        await here.says(number=2)
        await until(lambda: len(here.asked) == before + 1)


async def test_what_another_process_could_not_tell_is_looked_for_since_then(redis_server: Redis) -> None:
    async with house(redis_server.url) as here:
        await here.says(l=1_700_000_000_000_000)
        await until(lambda: 1_700_000_000_000_000 in here.asked)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b'{"n": 1, "r": {"x": 1}}', b'{"n": 1, "w": [7]}', b'{"n": {}, "r": 1}'])
async def test_nonsense_on_the_line_is_passed_over(redis_server: Redis, data: bytes) -> None:
    async with house(redis_server.url) as here, ears() as heard:
        await here.publish(data)
        await here.says(r={str(LAMP): 7})
        await until(lambda: heard == [7])
        assert here.connected


async def test_a_killed_redis_that_comes_back_empty_is_noticed_and_the_loss_told(own_redis: Redis) -> None:
    async with house(own_redis.url) as here:
        asked = len(here.asked)
        own_redis.kill()
        await until(lambda: not here.connected)
        announce.reached({LAMP: 4, SHADE: 1})
        announce.reached({LAMP: 5})
        assert here.bells.stats().lost == 3
        own_redis.start()
        await until(lambda: here.connected and len(here.asked) > asked)
        announce.reached({LAMP: 6})
        await until(lambda: here.bells.stats().published >= 1)
        assert here.bells.stats().lost == 3


async def test_one_bell_on_return_says_since_when_something_was_lost(own_redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells_line, "PAUSE", 1.0)
    async with house(own_redis.url) as here:
        # Only our line is cut; the other process goes on hearing.
        for client in await here.client.client_list():
            if client["name"] == f"throughline-{here.bells.node}":
                await here.client.client_kill_filter(_id=client["id"])
        await until(lambda: not here.connected)
        announce.reached({LAMP: 4})
        await until(lambda: bool(here.told()))
        (bell,) = here.told()
        assert set(bell) == {"n", "l"}


async def test_a_redis_that_hangs_is_noticed_and_holds_up_nothing(own_redis: Redis) -> None:
    async with house(own_redis.url) as here:
        own_redis.hang()
        await until(lambda: not here.connected, within=5)
        announce.reached({LAMP: 5})
        own_redis.go_on()
        await until(lambda: here.connected)


async def test_an_emptied_redis_costs_nothing(own_redis: Redis) -> None:
    async with house(own_redis.url) as here, ears() as heard:
        await here.client.flushall()
        await here.says(r={str(LAMP): 7})
        await until(lambda: heard == [7])
        announce.reached({SHADE: 1})
        await until(lambda: bool(here.told()))
        assert here.bells.stats().lost == 0


async def test_who_ends_says_so_and_since_when_nobody_heard_of_the_last_commits(redis_server: Redis) -> None:
    stopping = asyncio.Event()
    here = House(redis_server.url)
    listening, carrying = asyncio.create_task(here.listen()), asyncio.create_task(here.bells.carry(stopping))
    await until(lambda: here.connected and bool(here.heard))
    stopping.set()
    await asyncio.wait_for(carrying, 10)
    announce.reached({LAMP: 1})  # the writer writes what waited
    await here.bells.farewell()
    await until(lambda: bool(here.told()))
    assert set(here.told()[0]) == {"n", "l", "bye"}
    listening.cancel()
    await here.client.aclose()
