"""Where the writer lives: in a server's loop, or in one of its own; who appends from elsewhere is answered where they are."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat.ledger import group, read, writer
from chat.ledger.append import Busy, append
from chat.ledger.writer import running_writer, stop_writer
from tests.chat.ledger.cast import opened, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def test_stopping_writes_what_waits_and_a_new_writer_goes_on() -> None:
    conversation = opened()
    waiting = [running_writer().submit(said(conversation, f"Line {n}")) for n in range(200)]
    stop_writer()
    assert [answer.result(0).position for answer in waiting] == list(range(2, 202))
    assert say(conversation, "After").position == 202


def test_a_writer_that_stops_takes_nothing_more() -> None:
    conversation = opened()
    stopped = running_writer()
    stop_writer()
    with pytest.raises(Busy):
        stopped.submit(said(conversation, "Too late"))


def test_each_loop_and_each_thread_gets_its_own_answers() -> None:
    conversation = opened()

    async def several(name: str) -> list[int]:
        return [receipt.position for receipt in await asyncio.gather(*(append(said(conversation, f"{name}.{n}")) for n in range(30)))]

    with ThreadPoolExecutor(6) as threads:
        loops = [threads.submit(asyncio.run, several(str(n))) for n in range(3)]
        plain = [threads.submit(lambda: [say(conversation, "line").position for _ in range(30)]) for n in range(3)]
        positions = [position for done in (*loops, *plain) for position in done.result(30)]
    assert sorted(positions) == list(range(2, 182))


async def test_a_server_keeps_its_writer_in_its_own_loop() -> None:
    conversation = await read.in_thread(opened)
    await writer.live_here()
    assert running_writer().loop is asyncio.get_running_loop()
    here = [append(said(conversation, f"here {n}")) for n in range(20)]
    there = [read.in_thread(lambda: say(conversation, "there")) for _ in range(3)]
    receipts = await asyncio.gather(*here, *there)
    assert sorted(receipt.position for receipt in receipts) == list(range(2, 25))
    with pytest.raises(RuntimeError, match="await append"):
        say(conversation, "This would wait for itself")
    last = asyncio.create_task(append(said(conversation, "On the way out")))
    await asyncio.sleep(0)
    await writer.leave()
    assert (await last).position == 25
    assert (await append(said(conversation, "Another writer"))).position == 26


def test_a_writer_whose_loop_was_closed_is_replaced_and_nobody_waits_for_it() -> None:
    conversation = opened()

    async def begin() -> group.Writer:
        await writer.live_here()
        await append(said(conversation, "In a loop"))
        return running_writer()

    gone = asyncio.run(begin())
    assert gone.ended()
    with pytest.raises(Busy):
        gone.submit(said(conversation, "To the one that is gone"))
    assert say(conversation, "In another").position == 3
    assert running_writer() is not gone
