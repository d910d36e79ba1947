"""Events are read page by page, whatever their size, without a gap and without a repetition."""

from __future__ import annotations

import pytest

from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import overview, read
from chat.ledger.append import Command, Fact, append_sync
from chat.ledger.event import Audience, Kind
from tests.chat.nadia import NadiasCase

COUNT = 150


@pytest.fixture
def case(database: str) -> NadiasCase:
    """Her opening line, then a long conversation in which every third entry is a note and some mails are very long."""
    case = NadiasCase()
    append_sync(Command(facts=tuple(_fact(case, number) for number in range(2, COUNT + 1))))
    return case


def _fact(case: NadiasCase, number: int) -> Fact:
    note = number % 3 == 0
    text = f"Line {number}. " + "x" * (300_000 if number % 20 == 0 else 0)
    body: Kind = NoteAdded(by="Tom", text=text) if note else MessageSaid(by="Nadia", text=text)
    return Fact(conversation=case.conversation, body=body, actor=case.nadia.ref, channel="email", key=f"n{number}")


@pytest.mark.parametrize(
    ("after", "upto", "limit"), [(0, None, None), (31, None, None), (40, 140, None), (0, None, 100), (149, None, None)]
)
def test_long_and_short_entries_come_in_order_without_a_gap(case: NadiasCase, after: int, upto: int | None, limit: int | None) -> None:
    expected = list(range(after + 1, (upto or COUNT) + 1))[:limit]
    entries = list(read.events(case.conversation, audience=Audience.AGENTS, after=after, upto=upto, limit=limit))
    assert [entry.position for entry in entries] == expected
    assert [entry.previous for entry in entries] == [position - 1 for position in expected]


def test_a_customer_sees_no_note_and_no_gap_that_is_not_named(case: NadiasCase) -> None:
    entries = list(read.events(case.conversation, audience=Audience.EVERYONE, after=60))
    assert [entry.position for entry in entries] == [n for n in range(61, COUNT + 1) if n % 3]
    assert [entry.previous for entry in entries] == [59, *[entry.position for entry in entries[:-1]]]


def test_the_stored_rows_end_where_they_are_told_to(case: NadiasCase) -> None:
    assert [row.position for row in read.rows(case.conversation, upto=77)] == list(range(1, 78))


def test_a_conversation_is_told_as_a_whole_without_its_entries(case: NadiasCase) -> None:
    said = overview.spoke(case.conversation, upto=100, kinds=["message.said"])
    assert said == [(case.nadia.ref, "email", 2, 100)]
    assert [overview.holds_more(case.conversation, 100_000, upto=upto) for upto in (19, 20)] == [False, True]
    assert overview.crossed_after(case.conversation, 1) == 0
