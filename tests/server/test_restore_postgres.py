"""PostgreSQL's own backup, as docs/operations.md tells it: what ended since the dump is taken out again, and every chain verified."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.services import Postgres, RunningServer

SECRET = "a root secret of Brindle Lamps, long enough"
END_EVERYTHING = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
import django
django.setup()
from chat.actions import ending
from chat.people.models import Site
sites, now, day = {site.pk: site for site in Site.objects.all()}, time.time_ns() // 1000, 86_400_000_000
for days in (170, 210):
    print(ending.run(sites, now=now + days * day))
"""


def _texts(url: str) -> set[str]:
    """What people said in it, as far as it is there."""
    with psycopg.connect(url) as store:
        rows = store.execute("SELECT body FROM chat_event WHERE kind = 'message.said'").fetchall()
    pairs = [json.loads(body)["text"] for (body,) in rows]
    return {json.loads(pair[1]) for pair in pairs if pair is not None}


def _programs(postgres: Postgres) -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), key=lambda path: int(path.parts[4]))
    return found[-1].parent


@pytest.fixture
def another_cluster(services_folder: Path) -> Iterator[Postgres]:
    """One that counts its transactions from the beginning."""
    cluster = Postgres(services_folder / "another-postgres")
    yield cluster
    cluster.stop()


def _long_in_use(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as store:
        for _ in range(3000):
            store.execute("SELECT pg_current_xact_id()")


def test_what_ended_after_the_dump_stays_gone_in_another_cluster_too(
    server_factory: Callable[..., RunningServer], postgres_server: Postgres, another_cluster: Postgres, tmp_path: Path
) -> None:
    first, second = postgres_server.create_database(), another_cluster.create_database()
    _long_in_use(first)
    server = server_factory(database=first, secret=SECRET)
    done = server.run("demo", "--conversations", "12")
    assert done.returncode == 0, done.stdout + done.stderr
    said = _texts(first)
    assert len(said) > 12
    dump = tmp_path / "throughline.dump"
    subprocess.run([_programs(postgres_server) / "pg_dump", "-Fc", "-f", dump, first], check=True)
    ended = subprocess.run(
        [sys.executable, "-c", END_EVERYTHING], cwd=server.root, env=server.environment(), capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert not _texts(first), ended.stdout
    subprocess.run([_programs(postgres_server) / "pg_restore", "--no-owner", "-d", second, dump], check=True)
    assert _texts(second) == said
    other = server_factory(database=second, secret=SECRET)
    journal = Path(str(server.settings["data"])) / "erasures.jsonl"
    refused = other.run("restore", "--check")
    assert refused.returncode == 1
    assert "--no-journal" in refused.stdout
    done = other.run("restore", "--check", "--journal", str(journal))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "This is another cluster" in done.stdout
    assert "conversations verified" in done.stdout
    assert not _texts(second)
