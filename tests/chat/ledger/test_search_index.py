"""The index of words follows the feed by itself, and goes on where it stood. The same on both engines."""

from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError

from chat.ledger import follow, search_index
from chat.ledger.search import search
from tests.chat.ledger.cast import opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _found(text: str) -> list[int]:
    return [hit.conversation for hit in search(text, sites=(1,)).hits]


async def test_what_is_said_while_it_runs_is_found_a_moment_later() -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(search_index.run(stopping))
    conversation = await asyncio.to_thread(opened, first="lamp")
    try:
        async with asyncio.timeout(20):
            while await asyncio.to_thread(_found, "lamp") != [conversation]:  # noqa: ASYNC110  # the index tells nobody
                await asyncio.sleep(0.05)
            await asyncio.sleep(search_index.GATHER * 2)
            await asyncio.to_thread(say, conversation, "shade")
            while await asyncio.to_thread(_found, "shade") != [conversation]:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)
    finally:
        stopping.set()
        await running


async def test_a_database_that_goes_away_for_a_moment_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    end, failures = follow.end, [OperationalError("the connection is lost")]

    def away_once() -> follow.Place:
        if failures:
            raise failures.pop()
        return end()

    monkeypatch.setattr(follow, "end", away_once)
    monkeypatch.setattr(search_index.engine(), "BATCH", 1)
    conversation = await asyncio.to_thread(opened, first="lamp")
    stopping = asyncio.Event()
    running = asyncio.create_task(search_index.run(stopping))
    try:
        async with asyncio.timeout(20):
            while await asyncio.to_thread(_found, "lamp") != [conversation]:  # noqa: ASYNC110  # the index tells nobody
                await asyncio.sleep(0.05)
    finally:
        stopping.set()
        await running
    assert not failures
