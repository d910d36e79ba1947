"""What only a database server can do to us: cut connections, lose the answer to a COMMIT, stop, crash, commit late."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

from chat.ledger import follow, read, renumber, search_index, triggers
from chat.ledger.append import Busy, append, append_sync
from chat.ledger.check import check
from chat.ledger.event import Audience
from chat.ledger.follow import end, feed
from chat.ledger.models import Found
from chat.ledger.writer_postgres import PostgresWriter
from tests.chat.ledger.cast import new_id, opened, opening, said, say
from tests.services import Postgres

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _texts(conversation: int) -> list[str]:
    return [entry.values["text"] for entry in read.events(conversation, audience=Audience.AGENTS, after=1)]


@pytest.fixture
def loses_answers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Append numbers: each makes one COMMIT go through and its answer be lost, on the quick way and on the careful one."""
    lost: list[int] = []

    def losing(whole: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def whole_and_lost(self: PostgresWriter, *arguments: Any) -> Any:
            answer = await whole(self, *arguments)
            if lost:
                lost.pop()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return answer

        return whole_and_lost

    monkeypatch.setattr(PostgresWriter, "_say", losing(PostgresWriter._say))
    monkeypatch.setattr(PostgresWriter, "_carefully", losing(PostgresWriter._carefully))
    return lost


def test_a_commit_whose_answer_was_lost_is_found_by_its_key(loses_answers: list[int]) -> None:
    conversation = opened()
    loses_answers.append(1)
    receipt = say(conversation, "Only once", key="k")
    assert (receipt.position, receipt.new) == (2, False)
    assert _texts(conversation) == ["Only once"]


def test_an_opening_whose_answer_was_lost_is_found_by_its_key(loses_answers: list[int]) -> None:
    conversation = new_id()
    loses_answers.append(1)
    assert not append_sync(opening(conversation)).new
    assert check(conversation) is None


def test_answers_that_are_lost_again_and_again_are_busy_and_the_senders_retry_finds_it(loses_answers: list[int]) -> None:
    conversation = opened()
    loses_answers += [1, 2, 3]
    with pytest.raises(Busy):
        say(conversation, "Only once", key="k")
    assert not say(conversation, "Only once", key="k").new
    assert _texts(conversation) == ["Only once"]


async def test_connections_cut_in_the_middle_lose_nothing_and_double_nothing() -> None:
    conversation = await read.in_thread(opened)
    enough = threading.Event()

    def cut() -> int:
        count = 0
        with psycopg.connect(**_parameters(), autocommit=True) as other:
            while not enough.wait(0.03):
                query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'throughline writer'"
                count += len(other.execute(query).fetchall())
        return count

    cutting = asyncio.get_running_loop().run_in_executor(None, cut)

    async def insist(n: int) -> None:
        while True:
            try:
                await append(said(conversation, f"Line {n}", key=f"k{n}"))
                return
            except Busy:
                await asyncio.sleep(0.01)

    for start in range(0, 400, 20):
        await asyncio.gather(*(insist(n) for n in range(start, start + 20)))
        await asyncio.sleep(0.02)
    enough.set()
    assert await cutting > 3
    texts = await read.in_thread(_texts, conversation)
    assert sorted(texts) == sorted(f"Line {n}" for n in range(400))
    assert await read.in_thread(check, conversation) is None


def test_a_database_that_is_stopped_is_busy_and_then_recovers(postgres_server: Postgres) -> None:
    conversation = opened()
    postgres_server.stop()
    with pytest.raises(Busy):
        say(conversation, "Anybody there?", key="k")
    postgres_server.start()
    receipt = append_sync(said(conversation, "Anybody there?", key="k"))
    connection.close()
    assert receipt.new
    assert _texts(conversation) == ["Anybody there?"]


def test_a_database_that_crashes_keeps_what_it_acknowledged(postgres_server: Postgres) -> None:
    conversation = opened()
    said_before = [say(conversation, f"Line {n}").position for n in range(20)]
    postgres_server.kill()
    postgres_server.start()
    connection.close()
    assert len(_texts(conversation)) == len(said_before)
    assert check(conversation) is None


def test_a_transaction_that_commits_late_is_waited_for() -> None:
    """A second writer may hold older ids while newer ones are committed: an id alone would skip them."""
    early, late = opened(), opened()
    place = end()
    with psycopg.connect(**_parameters()) as other:
        other.execute(_COPY, [late])  # takes its transaction and its ids, and stays open
        say(early, "Committed at once")
        assert feed(place) == []
        other.commit()
    followed = feed(place)
    assert [(f.entry.conversation, f.entry.position) for f in followed] == [(late, 2), (early, 2)]


_COLUMNS = "conversation_id, site, kind, kind_version, actor, channel, audience, disclose, at, key_salt, header, digests, body, seal"
_COPY = (
    f"INSERT INTO chat_event (position, key, {_COLUMNS}) SELECT 2, 'late', {_COLUMNS} FROM chat_event "
    "WHERE conversation_id = %s AND position = 1"
)


def test_a_disabled_trigger_counts_as_missing() -> None:
    for how in ("DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE chat_event {how} chat_event_no_delete")
        assert triggers.missing("default") == ["chat_event_no_delete"]


def _parameters() -> dict[str, str]:
    settings = connection.settings_dict
    return {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"], "dbname": settings["NAME"]}


def test_events_restored_into_another_cluster_stand_in_its_feed_again(database: str) -> None:
    conversations = [opened(first=f"Line {n}") for n in range(3)]
    search_index.take_in_all()
    before = [(stored.conversation, stored.position) for stored in follow.stored()]
    with connection.cursor() as cursor:
        # As if they came from a cluster that had counted much further.
        cursor.execute("ALTER TABLE chat_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE chat_event SET tx = (tx::text::bigint + 1000000000)::text::xid8")
        cursor.execute("UPDATE chat_follower SET tx = tx + 1000000000")
        cursor.execute("ALTER TABLE chat_event ENABLE TRIGGER USER")
    assert follow.stored() == []
    assert renumber.renumber() == 6
    assert renumber.renumber() == 0
    assert [(stored.conversation, stored.position) for stored in follow.stored()] == before
    assert triggers.missing("default") == []
    new = opened(first="A line of today")
    assert follow.stored()[-1].conversation == new
    search_index.take_in_all()
    assert set(Found.objects.values_list("conversation", flat=True)) == {*conversations, new}
    assert [check(conversation) for conversation in conversations] == [None, None, None]
