"""A list of all heads, kept, tells later which conversation went away or became another. The same on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from chat.ledger import blobs, checkpoints, read, triggers
from chat.ledger.checkpoints import LISTS, NOTES, Kept, Lost, keep, kept, list_heads, lost, newest
from chat.ledger.head_list import Reading
from tests.chat.ledger.cast import opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _made(at: int) -> Kept:
    keep(list_heads(), f"note {at}", made_at=at)
    return kept(1)[0]


def _sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _remove(conversation: int) -> None:
    for table in ("event", "opening", "participant", "outsidename", "attachment", "delivery", "due"):
        _sql(f"DELETE FROM chat_{table} WHERE conversation_id = %s", conversation)
    _sql("DELETE FROM chat_conversation WHERE id = %s", conversation)


@pytest.fixture
def unguarded(database: str) -> Callable[..., None]:
    """SQL of somebody who has the database's password and dropped its triggers."""
    for name in triggers.names(connection.vendor):
        table = f" ON chat_{name.split('_')[1]}" if connection.vendor == "postgresql" else ""
        _sql(f"DROP TRIGGER {name}{table}")
    return _sql


def test_a_list_names_the_head_of_every_conversation() -> None:
    ids = sorted(opened(first="Hello") for _ in range(5))
    listed = list_heads()
    assert listed.size == 5
    with blobs.open_blob(listed.leaves) as file:
        heads = list(Reading(file))
    assert heads == [(one, head.position, head.seal) for one in ids if (head := read.head(one))]


def test_an_empty_ledger_has_a_list_too() -> None:
    assert list_heads().size == 0
    assert list(lost([_made(1)])) == []


def test_writing_the_list_can_be_given_up_and_leaves_nothing() -> None:
    opened()

    def give_up() -> None:
        raise InterruptedError

    before = {path for path in blobs._folder().rglob("*") if path.is_file()}
    with pytest.raises(InterruptedError):
        list_heads(give_up)
    assert {path for path in blobs._folder().rglob("*") if path.is_file()} == before


def test_what_went_on_as_it_should_is_not_lost() -> None:
    first = opened(first="Hello")
    early = _made(1)
    say(first, "And more.")
    opened(first="Another one")
    assert list(lost([_made(2), early])) == []


@pytest.mark.usefixtures("unguarded")
def test_a_conversation_that_was_removed_is_named_with_the_first_list_that_has_it() -> None:
    gone, stays = opened(first="You promised me EUR 79."), opened(first="Hello")
    lists = [_made(1), _made(2)]
    _remove(gone)
    found = list(lost(lists))
    assert found == [Lost(gone, 2, 1, 0)]
    assert found[0].problem == "it is gone; it had 2 entries"
    assert stays not in {one.conversation for one in found}


def test_a_conversation_that_was_cut_short_is_named(unguarded: Callable[..., None]) -> None:
    cut = opened(first="You promised me EUR 79.")
    before = _made(1)
    unguarded("DELETE FROM chat_event WHERE conversation_id = %s AND position = 2", cut)
    unguarded("UPDATE chat_conversation SET position = 1 WHERE id = %s", cut)
    assert [one.problem for one in lost([before])] == ["it ends at entry 1; it had 2 entries"]


def test_a_history_that_was_written_anew_is_named_even_when_it_went_on(unguarded: Callable[..., None]) -> None:
    forged = opened(first="You promised me EUR 79.")
    before = _made(1)
    say(forged, "Hello?")
    unguarded("UPDATE chat_event SET seal = %s WHERE conversation_id = %s AND position = 2", bytes(32), forged)
    assert [(one.conversation, one.problem) for one in lost([before])] == [(forged, "entry 2 or one before it was rewritten")]


@pytest.mark.usefixtures("unguarded")
def test_many_conversations_are_compared_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_PAGE", 2)
    monkeypatch.setattr(checkpoints, "_PAIRS", 3)
    ids = [opened(first="Hello") for _ in range(8)]
    first = _made(1)
    for one in ids[:5]:
        say(one, "More.")
    second = _made(2)
    counted: list[int] = []
    assert list(lost([second, first], counted.append)) == []
    assert sum(counted) >= 8
    _remove(ids[3])
    assert [(one.position, one.listed_at) for one in lost([second, first])] == [(2, 1), (3, 2)]


def test_no_more_is_kept_than_the_last_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "NOTES", 4)
    monkeypatch.setattr(checkpoints, "LISTS", 2)
    made = []
    for at in range(1, 7):
        opened()
        made.append(_made(at))
    assert [one.made_at for one in kept()] == [6, 5, 4, 3]
    assert [bool(one.leaves) for one in kept()] == [True, True, False, False]
    assert [blobs.exists(one.leaves) for one in made] == [False] * 4 + [True] * 2
    assert (newest() or made[0]).note == "note 6"


def test_a_list_that_two_checkpoints_share_stays_as_long_as_one_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LISTS", 2)
    opened()
    for at in range(1, 5):
        last = _made(at)
    assert blobs.exists(last.leaves)


def test_a_year_of_notes_and_a_month_of_lists_are_kept() -> None:
    assert NOTES >= 366
    assert LISTS >= 31
