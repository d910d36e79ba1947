"""What somebody with the database's password changes is found, and the entry is named. The same on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from chat.ledger import read, triggers
from chat.ledger.append import append_sync
from chat.ledger.check import check
from chat.ledger.models import Event
from chat.ledger.seal import Broken
from tests.chat.ledger.cast import TOM, new_id, opening, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def conversation() -> Iterator[int]:
    """Three entries in a database whose triggers somebody has dropped."""
    cid = new_id()
    append_sync(opening(cid, first="You promised me EUR 79."))
    say(cid, "We did.", actor=TOM)
    table = " ON chat_event" if connection.vendor == "postgresql" else ""
    for name in triggers.names(connection.vendor):
        if name.startswith("chat_event_"):
            _sql(f"DROP TRIGGER {name}{table}")
    yield cid


def test_what_was_left_alone_holds(conversation: int) -> None:
    assert check(conversation) is None


def test_there_is_nothing_to_say_about_no_conversation() -> None:
    assert check(7) == Broken(0, "there is no such conversation")


@pytest.mark.parametrize(
    ("statement", "position", "problem"),
    [
        ("UPDATE chat_event SET body = replace(body, 'EUR 79', 'EUR 19') WHERE position = 2", 2, "the field 'text' was changed"),
        ("UPDATE chat_event SET body = 'gone' WHERE position = 2", 2, "added or removed"),
        ("UPDATE chat_event SET body = '[1]' WHERE position = 2", 2, "added or removed"),
        ("UPDATE chat_event SET actor = 'agent:4' WHERE position = 3", 3, "header"),
        ("UPDATE chat_event SET at = at - 1 WHERE position = 3", 3, "header"),
        ("UPDATE chat_event SET audience = 'agents' WHERE position = 2", 2, "header"),
        ("DELETE FROM chat_event WHERE position = 1", 1, "missing"),
        ("DELETE FROM chat_event WHERE position = 2", 2, "missing"),
        ("DELETE FROM chat_event WHERE position = 3", 3, "the chain ends at entry 2, but 3 were written"),
        ("DELETE FROM chat_event", 1, "ends at entry 0"),
        ("UPDATE chat_conversation SET position = 2", 2, "its seal is not the one at the head"),
        ("UPDATE chat_conversation SET assignee = 'agent:9'", 0, "assignee does not follow"),
        ("UPDATE chat_conversation SET state = replace(state, 'We did.', 'We did not.')", 0, "state does not follow"),
    ],
)
def test_a_change_is_found_and_named(conversation: int, statement: str, position: int, problem: str) -> None:
    _sql(statement)
    found = check(conversation)
    assert found is not None
    assert found.position == position
    assert problem in found.problem


def test_a_tail_cut_off_together_with_the_head_needs_a_matching_seal(conversation: int) -> None:
    seal = Event.objects.values_list("seal", flat=True).get(position=2)
    _sql("DELETE FROM chat_event WHERE position = 3")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_conversation SET position = 2, head = %s", [bytes(seal)])
    found = check(conversation)
    assert found is not None
    assert "does not follow from its entries" in found.problem


def test_an_entry_put_behind_the_end_is_found(conversation: int) -> None:
    columns = "conversation_id, site, kind, kind_version, actor, channel, audience, disclose, at, key_salt, header, digests, body, seal"
    _sql(f"INSERT INTO chat_event (position, key, {columns}) SELECT 4, 'forged', {columns} FROM chat_event WHERE position = 3")
    assert check(conversation) == Broken(4, "there is an entry behind the end of the chain")


def test_a_field_that_went_without_a_privacy_event_is_named(conversation: int) -> None:
    row = Event.objects.get(position=2)
    text = row.body[row.body.index('"text":[') : row.body.index("]", row.body.index('"text":[')) + 1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_event SET body = replace(body, %s, '\"text\":null') WHERE position = 2", [text])
    assert check(conversation) == Broken(2, "text was removed without an entry that says who did it and why")


def test_a_conversation_that_is_written_to_meanwhile_holds(conversation: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read.rows

    def slow(cid: int) -> Iterator[object]:
        for row in rows(cid):
            yield row
            if row.position == 1:
                say(cid, "Just now", key=f"now-{read.head(cid).position}")  # type: ignore[union-attr]

    monkeypatch.setattr(read, "rows", slow)
    assert check(conversation) is None
