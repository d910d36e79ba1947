"""What only a file can suffer: a lock held by another process, a full disk, a table that Django makes anew."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from chat.ledger import read, triggers, writer_sqlite
from chat.ledger.append import Busy
from chat.ledger.check import check
from chat.ledger.event import Audience
from chat.ledger.models import CaseCounter, Event
from chat.ledger.sqlite.turn import turn
from chat.ledger.writer import stop_writer
from tests.chat.ledger.cast import opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _texts(conversation: int) -> list[str]:
    return [entry.values["text"] for entry in read.events(conversation, audience=Audience.AGENTS, after=1)]


def test_a_lock_held_by_another_process_is_busy_and_then_recovers(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = opened()
    monkeypatch.setattr(writer_sqlite, "BUSY_TIMEOUT", 200)
    stop_writer()
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="locked"):
        say(conversation, "Now?", key="k")
    other.execute("ROLLBACK")
    other.close()
    assert say(conversation, "Now?", key="k").new
    assert _texts(conversation) == ["Now?"]


@pytest.fixture
def small_disk() -> Iterator[Callable[[], None]]:
    """No file of this process grows beyond three megabytes, as on a full disk, until the test calls what it gets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    deaf = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * 1024 * 1024, before[1]))

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    yield free
    free()
    signal.signal(signal.SIGXFSZ, deaf)


def test_a_full_disk_is_busy_and_then_recovers(small_disk: Callable[[], None]) -> None:
    conversation = opened()
    written = 0
    with pytest.raises(Busy, match="cannot be written now"):
        for written in range(2_000):
            say(conversation, f"{written}" + "x" * 10_000, key=f"k{written}")
    assert 10 < written < 1_000
    assert len(_texts(conversation)) == written
    small_disk()
    assert say(conversation, f"{written}" + "x" * 10_000, key=f"k{written}").new
    assert [text.rstrip("x") for text in _texts(conversation)] == [str(n) for n in range(written + 1)]
    assert check(conversation) is None


def test_a_table_that_was_made_anew_gets_its_triggers_back() -> None:
    conversation = opened(first="Hello")
    with connection.schema_editor() as editor:
        # What Django does for many a change: a new table, the rows copied, the old table dropped.
        editor._remake_table(Event)
    assert "chat_event_only_cross_out" in triggers.missing("default")
    call_command("migrate", verbosity=0, interactive=False)
    assert triggers.missing("default") == []
    assert check(conversation) is None


def test_a_connection_closed_inside_a_transaction_gives_its_turn_back() -> None:
    conversation = opened()
    with transaction.atomic():
        CaseCounter.objects.create(site=9, last=0)
        connection.close()
    assert say(conversation, "Nobody holds the line").position == 2
    assert not CaseCounter.objects.filter(site=9).exists()


@pytest.mark.parametrize("atomic", [True, False])
def test_whoever_writes_waits_in_the_same_line(atomic: bool) -> None:
    def write() -> None:
        if atomic:
            with transaction.atomic():
                CaseCounter.objects.create(site=9, last=0)
        else:
            CaseCounter.objects.bulk_create([CaseCounter(site=8, last=0)])
            CaseCounter.objects.filter(site=8).update(site=9)
        connection.close()

    with ThreadPoolExecutor(1) as threads:
        with turn:
            writing = threads.submit(write)
            assert not wait([writing], timeout=0.2).done
            assert not CaseCounter.objects.exists()
        writing.result(10)
    assert CaseCounter.objects.get().site == 9


def test_a_transaction_that_fails_gives_its_turn_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        CaseCounter.objects.create(site=9, last=0)
        raise ZeroDivisionError
    with pytest.raises(IntegrityError):
        CaseCounter.objects.bulk_create([CaseCounter(site=7, last=0), CaseCounter(site=7, last=0)])
    assert opened()
    assert not CaseCounter.objects.filter(site__in=[7, 9]).exists()
