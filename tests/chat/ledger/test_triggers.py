"""The database itself refuses to change or remove what was said; only what a privacy event names can be crossed out with it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from chat.events.erasure import ErasureCarriedOut
from chat.ledger import triggers
from chat.ledger.append import Crosses, Named, append_sync
from chat.ledger.check import check
from tests.chat.ledger.cast import TOM, crossed, opened, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

POSTGRES = "postgresql"
TABLES = ("chat_event", "chat_opening", "chat_participant", "chat_outsidename", "chat_conversation")


def _sql(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _full() -> int:
    """A conversation with a row in each sealed table."""
    conversation = opened(first="My card is 4111 1111 1111 1111.")
    append_sync(said(conversation, "Hello", rows=(Named(conversation=conversation, namespace="mail", value="<a@b.example>"),)))
    return conversation


def test_every_trigger_is_there_after_migrating() -> None:
    assert triggers.missing("default") == []


@pytest.mark.parametrize("table", TABLES)
def test_rows_cannot_be_deleted(table: str) -> None:
    _full()
    with pytest.raises(DatabaseError, match="neither changed nor removed"):
        _sql(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_tables_cannot_be_emptied(table: str) -> None:
    _full()
    if connection.vendor == POSTGRES:
        with pytest.raises(DatabaseError, match="neither changed nor removed"):
            _sql(f"TRUNCATE {table} CASCADE")
    else:
        # SQLite has no TRUNCATE; a DELETE without a condition, which it would optimise into one, still meets the trigger.
        with pytest.raises(DatabaseError, match="neither changed nor removed"):
            _sql(f"DELETE FROM {table} WHERE 1")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chat_event SET actor = 'agent:9'",
        "UPDATE chat_event SET at = at + 1",
        "UPDATE chat_event SET position = position + 100",
        "UPDATE chat_event SET seal = header",
        "UPDATE chat_event SET body = replace(body, 'Hello', 'Goodbye')",
        "UPDATE chat_event SET body = '{}'",
        "UPDATE chat_event SET disclose = 'no'",
        "UPDATE chat_event SET key = 'else'",
        "UPDATE chat_opening SET key = 'else'",
        "UPDATE chat_participant SET ref = 'customer:1'",
        "UPDATE chat_outsidename SET position = 1",
    ],
)
def test_rows_cannot_be_changed(change: str) -> None:
    conversation = _full()
    with pytest.raises(DatabaseError):
        _sql(change)
    assert check(conversation) is None


def test_a_row_cannot_be_replaced() -> None:
    conversation = _full()
    columns = (
        "id, conversation_id, site, position, kind, kind_version, actor, channel, audience, disclose, at, key, key_salt, header, digests"
    )
    verb = "INSERT" if connection.vendor == POSTGRES else "INSERT OR REPLACE"
    with pytest.raises(DatabaseError):
        _sql(f"{verb} INTO chat_event ({columns}, body, seal) SELECT {columns}, '{{}}', seal FROM chat_event WHERE position = 2")
    if connection.vendor != POSTGRES:
        with pytest.raises(DatabaseError):
            _sql("UPDATE OR REPLACE chat_event SET position = 1 WHERE position = 2")
    assert check(conversation) is None


def test_crossing_out_needs_its_privacy_event() -> None:
    conversation = _full()
    nothing = "UPDATE chat_event SET body = body WHERE position = 2"
    with pytest.raises(DatabaseError, match="only crossing out"):
        _sql(nothing)
    with pytest.raises(DatabaseError, match="only crossing out"):
        _sql(f"INSERT INTO chat_crossing (conversation, position) VALUES ({conversation}, 1)", nothing)


def test_a_privacy_event_permits_nothing_that_it_does_not_name() -> None:
    conversation = _full()
    say(conversation, "And my other card is 5500 0000 0000 0004.")
    for crosses in (
        Crosses(conversation=conversation, position=4, fields=("text",)),
        Crosses(conversation=conversation, position=2, fields=("text", "by")),
    ):
        with pytest.raises(Exception, match="only crossing out"):
            append_sync(said(conversation, crossed(2, "text"), actor=TOM, rows=(crosses,)))
    assert check(conversation) is None


def _erased(**entries: tuple[str, ...]) -> ErasureCarriedOut:
    return ErasureCarriedOut(by="Ruth", ground="request", entries={name.removeprefix("e"): fields for name, fields in entries.items()})


def test_one_privacy_event_may_name_many_entries_and_permits_no_other() -> None:
    conversation = _full()
    say(conversation, "And my other card is 5500 0000 0000 0004.")
    rows = tuple(Crosses(conversation=conversation, position=position, fields=("text",)) for position in (2, 4))
    for says in (_erased(e2=("text",)), _erased(e2=("text",), e4=("by",)), _erased(e2=("text",), e44=("text",))):
        with pytest.raises(Exception, match="only crossing out"):
            append_sync(said(conversation, says, actor=TOM, rows=rows))
    append_sync(said(conversation, _erased(e2=("text",), e4=("text",)), actor=TOM, rows=rows))
    assert check(conversation) is None


def test_an_old_privacy_event_permits_nothing_new() -> None:
    conversation = _full()
    crosses = Crosses(conversation=conversation, position=2, fields=("text",))
    append_sync(said(conversation, crossed(2, "text"), actor=TOM, rows=(crosses,)))
    last = f"(SELECT position FROM chat_conversation WHERE id = {conversation})"
    for emptied in ("'{}'", 'replace(body, \'"by":[\', \'"by":null,"x":[\')'):
        with pytest.raises(DatabaseError):
            _sql(
                f"INSERT INTO chat_crossing (conversation, position) VALUES ({conversation}, {last})",
                f"UPDATE chat_event SET body = {emptied} WHERE conversation_id = {conversation} AND position = 2",
            )
    assert check(conversation) is None


def test_a_lost_trigger_is_named_and_put_back_by_the_next_migration() -> None:
    name = "chat_event_only_cross_out"
    _sql(f"DROP TRIGGER {name}" + (" ON chat_event" if connection.vendor == POSTGRES else ""))
    assert triggers.missing("default") == [name]
    call_command("migrate", verbosity=0, interactive=False)
    assert triggers.missing("default") == []
