"""The command and the night: a dry run changes nothing, a night's run is done once, and a killed one is finished by the next."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat.ledger import retain
from chat.ledger.keeping import DAY
from chat.ledger.keeping_models import RetentionRun
from server import retention
from server.retention import Halted
from tests.chat.nadia import NadiasCase
from tests.services import RunningServer

SLOW_END = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
import django
django.setup()
from chat.actions import ending
from chat.people.models import Site

def told(tally):
    print(tally.ended, flush=True)
    time.sleep(0.02)

sites, now = {site.pk: site for site in Site.objects.all()}, time.time_ns() // 1000
ending.run(sites, now=now + int(sys.argv[1]) * 86_400_000_000, told=told)
"""


def test_one_night_is_done_once_and_what_was_missed_is_done_later(database: str) -> None:
    NadiasCase().tell()
    night = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    done = retention.tonight(night)
    assert done is not None
    assert (done.noticed, done.ended) == (0, 0)
    assert retention.tonight(datetime(2026, 11, 23, 2, 59, tzinfo=UTC)) is None
    assert retention.tonight(datetime(2026, 11, 23, 3, 0, tzinfo=UTC)) is not None
    assert list(RetentionRun.objects.order_by("name").values_list("name", flat=True)) == ["2026-11-22", "2026-11-23"]


def test_a_process_that_stops_leaves_the_rest_to_the_next(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        NadiasCase().tell()
    later = time.time_ns() + 150 * DAY * 1000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    night = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    with pytest.raises(Halted):
        retention.tonight(night, halt=lambda: True)
    assert not retain.done("2026-11-22")
    assert retention.tonight(night) is None, "somebody may still be at it"
    RetentionRun.objects.update(seen_at=1)
    rest = retention.tonight(night)
    assert rest is not None
    assert rest.noticed == 2


def test_the_command_says_first_and_does_then(server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory()
    assert server.run("retain", "--dry-run").returncode == 2, "there is no site yet"
    done = server.run("demo", "--conversations", "12")
    assert done.returncode == 0, done.stdout + done.stderr
    store = Path(str(server.settings["data"])) / "throughline.sqlite3"
    with closing(sqlite3.connect(store, isolation_level=None)) as opened:
        (before,) = opened.execute("SELECT count(*) FROM chat_event").fetchone()
        _aged(opened)
        opened.execute(
            "INSERT INTO chat_received (source, digest, envelope, received_at, state, reason, attempts, lease)"
            " VALUES ('email', ?, '{}', 0, 'spam', '', 0, 0)",
            ("5e" * 32,),
        )
        dry = server.run("retain", "--dry-run")
        assert dry.returncode == 0, dry.stderr
        assert "would be told that it is kept until" in dry.stdout
        assert "1 mail outside of any record would be removed: spam of more than 30 days ago." in dry.stdout
        assert "Nothing was done" in dry.stdout
        assert opened.execute("SELECT count(*) FROM chat_event").fetchone() == (before,)
        assert server.run("retain", "--site", "nobody").returncode == 2
        done = server.run("retain")
        assert done.returncode == 0, done.stdout + done.stderr
        noticed = opened.execute("SELECT count(*) FROM chat_event WHERE kind = 'retention.noticed'").fetchone()[0]
        assert noticed >= 12
        assert opened.execute("SELECT count(*) FROM chat_received WHERE state = 'spam'").fetchone() == (0,)
        assert opened.execute("SELECT noticed, ended_at > 0 FROM chat_retentionrun").fetchall() == [(noticed, 1)]
    server.start()
    refused = server.run("retain")
    assert refused.returncode == 1
    assert "holds" in refused.stderr
    assert server.run("retain", "--dry-run").returncode == 0


def _aged(store: sqlite3.Connection) -> None:
    """As if everything in the demo shop had been said 160 days earlier."""
    back = 160 * DAY
    store.execute(
        "UPDATE chat_conversation SET keep_day = keep_day - 160, "
        "state = json_set(state, '$.keep_from', json_extract(state, '$.keep_from') - ?) WHERE keep_day > 0",
        (back,),
    )


def test_a_run_that_is_killed_is_finished_by_the_next(database: str, server_factory: Callable[..., RunningServer]) -> None:
    cases = [NadiasCase().tell() for _ in range(25)]
    server = server_factory()
    store = Path(str(server.settings["data"])) / "throughline.sqlite3"
    store.unlink()
    with closing(sqlite3.connect(database)) as source:
        source.execute("VACUUM INTO ?", (str(store),))
    _script(server, 150).communicate(timeout=60)
    killed = _script(server, 200)
    assert killed.stdout is not None
    while int(killed.stdout.readline()) < 5:
        pass
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    second = _script(server, 200)
    out, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert 0 < len(out.splitlines()) < len(cases)
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stdout
    with closing(sqlite3.connect(store)) as opened:
        text = "\n".join(opened.iterdump())
    assert [word for word in ("in the shade", "RF-20261125-0093", "nadia@customer.example") if word in text] == []


def _script(server: RunningServer, days: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SLOW_END, str(days)]
    return subprocess.Popen(command, cwd=server.root, env=server.environment(), stdout=subprocess.PIPE, text=True, start_new_session=True)
