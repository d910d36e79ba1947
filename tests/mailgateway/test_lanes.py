"""Mails side by side: one sender's keep their order, nobody waits for somebody else's slow one, and none is begun twice."""

from __future__ import annotations

import asyncio

import pytest

from chat.ledger.received import Arrival
from mailgateway import lanes
from mailgateway.lanes import Lanes


def arrival(row: int, sender: str) -> Arrival:
    return Arrival(
        id=row,
        source="email",
        digest="",
        envelope={"sender": sender},
        received_at=0,
        state="waiting",
        reason="",
        conversation=None,
        attempts=1,
    )


class Work:
    """Remembers what was begun; each mail ends when it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self._gates: dict[int, asyncio.Event] = {}

    async def __call__(self, mail: Arrival) -> None:
        self.begun.append(mail.id)
        await self._gates.setdefault(mail.id, asyncio.Event()).wait()

    def let_go(self, *rows: int) -> None:
        for row in rows:
            self._gates.setdefault(row, asyncio.Event()).set()


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_senders_mails_keep_their_order_and_hold_up_nobody_else() -> None:
    work = Work()
    waiting = Lanes(work)
    for row, sender in ((1, "nadia@customer.example"), (2, "Nadia@customer.example"), (3, "paul@customer.example")):
        waiting.put(arrival(row, sender))
    await _settled()
    assert work.begun == [1, 3]
    work.let_go(1, 2, 3)
    await asyncio.wait_for(waiting.all_ended(), 5)
    assert work.begun == [1, 3, 2]


async def test_a_mail_waits_for_the_one_before_it_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "TURN", 0.01)
    work = Work()
    waiting = Lanes(work)
    waiting.put(arrival(1, "nadia@customer.example"))
    waiting.put(arrival(2, "nadia@customer.example"))
    work.let_go(2)
    await asyncio.wait_for(waiting.some_ended(seconds=5), 5)
    assert work.begun == [1, 2]
    work.let_go(1)
    await asyncio.wait_for(waiting.all_ended(), 5)


async def test_no_more_are_in_work_than_memory_allows_and_none_twice() -> None:
    work = Work()
    waiting = Lanes(work)
    for row in range(lanes.MOST):
        waiting.put(arrival(row, f"sender{row}@customer.example"))
        waiting.put(arrival(row, f"sender{row}@customer.example"))
    await _settled()
    assert (len(work.begun), waiting.room) == (lanes.WIDE, 0)
    work.let_go(*range(lanes.MOST))
    await asyncio.wait_for(waiting.all_ended(), 5)
    assert sorted(work.begun) == list(range(lanes.MOST))
    assert waiting.room == lanes.MOST


async def test_a_mail_that_fails_is_known_and_the_next_goes_on() -> None:
    done: list[int] = []

    async def work(mail: Arrival) -> None:
        if mail.id == 1:
            raise OSError("no room")
        done.append(mail.id)

    waiting = Lanes(work)
    waiting.put(arrival(1, "nadia@customer.example"))
    waiting.put(arrival(2, "nadia@customer.example"))
    await asyncio.wait_for(waiting.all_ended(), 5)
    assert done == [2]
    assert list(waiting.left) == [1]


async def test_of_heavy_mails_one_is_in_work_and_the_others_hold_up_nobody() -> None:
    work = Work()
    waiting = Lanes(work, heavy=lambda mail: mail.id < 10)
    for row in (*range(lanes.WIDE + 1), 10, 11):
        waiting.put(arrival(row, f"sender{row}@customer.example"))
    await _settled()
    assert work.begun == [0, 10, 11]
    work.let_go(0)
    await asyncio.wait_for(waiting.some_ended(seconds=5), 5)
    await _settled()
    assert work.begun == [0, 10, 11, 1]
    work.let_go(*range(12))
    await asyncio.wait_for(waiting.all_ended(), 5)
