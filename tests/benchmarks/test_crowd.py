"""The crowd against real servers: no line is lost, and what it counts is what was stored."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from benchmarks.load.crowd import Crowd
from benchmarks.load.dialects import Line, SocketIO, Throughline, Tutorial, mark
from benchmarks.servers import prepare
from chat.ledger import read
from chat.ledger.event import Audience
from tests.chat.live.line import served

PEOPLE = 3


@pytest.mark.usefixtures("database")
async def test_a_crowd_of_customers_and_agents_loses_no_line() -> None:
    async with served() as live:
        members = await sync_to_async(prepare.shop)(customers=PEOPLE, conversations=2)
        found = await asyncio.to_thread(_a_round, members, live.port)
    assert found["lost"] == 0
    assert found["done"] == 12
    said = [entry for room in {member["room"] for member in members} for entry in read.events(int(room), audience=Audience.AGENTS)]
    assert len([entry for entry in said if entry.kind == "message.said"]) == found["done"]


def _a_round(members: list[dict[str, Any]], port: int) -> dict[str, float]:
    crowd = Crowd(Throughline(), members, [port])
    try:
        return crowd.paced(seconds=0.6, rate=20)
    finally:
        crowd.end()


def test_a_mark_is_found_in_what_every_server_sends() -> None:
    assert mark(b'{"message": "A dent. ~12.7~"}') == (12, 7)
    line = _line()
    assert Tutorial().read(line, b'{"message": "A dent. ~12.7~"}') == (2, 12, 7)
    assert SocketIO().read(line, b'437["~4.7~"]') == (1, 4, 7)
    assert SocketIO().read(line, b'42["said",{"key":"~12.7~","text":"A dent. ~12.7~"}]') == (2, 12, 7)


def test_got_is_said_every_thirty_two_events() -> None:
    line, dialect = _line(), Throughline()
    answers = []
    for position in range(1, 65):
        payload = b'{"t":"event","conversation":"7","position":%d,"prev":1,"body":{"text":"~1.%d~"}}' % (position, position)
        assert dialect.read(line, payload) == (2, 1, position)
        answers.append(dialect.reply(line, payload))
    assert [answer for answer in answers if answer] == [
        b'{"t":"got","conversation":"7","position":32}',
        b'{"t":"got","conversation":"7","position":64}',
    ]


def _line() -> Line:
    return Line(4, {"room": "7"})
