"""Sweeps ring for what nobody told: followed conversations by their position, and everything new for those who hear of all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from chat.ledger import announce, missed
from server import sweep
from server.sweep import Sweeper
from tests.chat.ledger.cast import TOM, opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@pytest.fixture
def rung() -> Iterator[Callable[[int | None], list[tuple[int, int]]]]:
    """Begins to listen to a conversation, or to all; gives what is rung from then on."""
    stops = []

    def listen(conversation: int | None) -> list[tuple[int, int]]:
        heard: list[tuple[int, int]] = []
        stops.append(announce.listen(conversation, lambda cid, position: heard.append((cid, position))))
        return heard

    yield listen
    for stop in stops:
        stop()


async def test_a_sweep_rings_followed_conversations_with_their_position(rung: Callable[..., list[tuple[int, int]]]) -> None:
    followed, other = opened(first="Hello?"), opened()
    heard = rung(followed)
    assert await sweep.sweep_once()
    assert heard == [(followed, 2)]
    assert missed.positions([followed, other, 1]) == {followed: 2, other: 1}


async def test_a_sweep_since_a_moment_rings_what_nobody_follows_too(
    rung: Callable[..., list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MARGIN", 0)
    monkeypatch.setattr(missed, "PAGE", 2)
    opened(first="Before.")
    since = time.time_ns() // 1000
    new = opened(first="Is anybody there?")
    for number in range(4):
        say(new, f"Answer {number}", actor=TOM)
    heard = rung(None)
    assert await sweep.sweep_once()
    assert heard == []
    assert await sweep.sweep_once(since=since)
    assert heard == [(new, 6)]


async def test_who_asks_is_not_kept_waiting_for_the_clock(
    rung: Callable[..., list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "APART", 0.01)
    conversation = opened()
    heard = rung(None)
    stopping, sweeper = asyncio.Event(), Sweeper()
    running = asyncio.create_task(sweeper.run(stopping))
    for count in (1, 2):
        sweeper.ask(time.time_ns() // 1000)
        async with asyncio.timeout(5):
            while len(heard) < count:  # noqa: ASYNC110  # rung from a sweep, which tells nobody else
                await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.wait_for(running, 5)
    assert set(heard) == {(conversation, 1)}
    assert sweeper.sweeps >= 2


async def test_while_no_bells_come_the_clock_rings_for_everything_new(
    rung: Callable[..., list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "APART", 0.01)
    monkeypatch.setattr(sweep, "UNHEARD", 0.01)
    stopping = asyncio.Event()
    running = asyncio.create_task(Sweeper(unheard=lambda: True).run(stopping))
    heard = rung(None)
    conversation = opened()
    heard.clear()  # of the bell that the own writer rang
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not heard:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.wait_for(running, 5)
    assert (conversation, 1) in heard
