"""Fixtures for every test: servers that start when first asked for, and Django set up for this test process.

Which engine the tests use is said by THROUGHLINE_TEST_ENGINE (sqlite, the default, or postgres); the rest follows from it.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services import MailSink, Postfix, Postgres, Redis, RunningServer, free_port
from tests.services.browser import launched_chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.services.database import Databases

ENGINE = os.environ.get("THROUGHLINE_TEST_ENGINE", "sqlite")
# Not below pytest's own folder: PostgreSQL and Postfix run as other users, who may not enter that one.
FOLDER = Path(tempfile.mkdtemp(prefix="throughline-tests-"))
FOLDER.chmod(0o755)

_stops: list[Callable[[], object]] = []
_numbers = itertools.count(1)


@atexit.register
def _stop_everything() -> None:
    while _stops:
        _stops.pop()()
    shutil.rmtree(FOLDER, ignore_errors=True)


@cache
def _postgres() -> Postgres:
    server = Postgres(FOLDER / "postgres")
    _stops.append(server.stop)
    return server


@cache
def _redis() -> Redis:
    server = Redis(FOLDER / "redis")
    _stops.append(server.stop)
    return server


def _set_up_django() -> None:
    """Before any test file is read, because they import models. What the caller's shell has set must not reach the tests."""
    for name in [name for name in os.environ if name.startswith("THROUGHLINE_") and not name.startswith("THROUGHLINE_TEST")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # a test may look into the tables from where it stands
        "THROUGHLINE_MODE": "test",
        "THROUGHLINE_DATA": str(FOLDER / "data"),
        "THROUGHLINE_DEMO": "0",
        "THROUGHLINE_MAIL_DOMAIN": "support.example",
        "THROUGHLINE_DNS": "off",  # tests give their own name server
    }
    if ENGINE == "postgres":
        os.environ |= {"THROUGHLINE_DATABASE": _postgres().create_database(), "THROUGHLINE_REDIS": _redis().url}
    if importlib.util.find_spec("server.settings") and importlib.util.find_spec("chat.apps"):
        import django

        django.setup()


def pytest_configure(config: pytest.Config) -> None:
    # Under xdist the workers run the tests; the process that only counts for them needs no servers.
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        _set_up_django()


@pytest.fixture(scope="session")
def services_folder() -> Path:
    """A folder that every user may enter and that goes away with this test process."""
    return FOLDER


@pytest.fixture(scope="session")
def postgres_server() -> Postgres:
    """This process's throw-away cluster; `create_database()` gives a URL."""
    return _postgres()


@pytest.fixture(scope="session")
def redis_server() -> Redis:
    """This process's throw-away Redis; `url` says where."""
    return _redis()


@cache
def _databases() -> Databases:
    from tests.services.database import Databases

    return Databases(FOLDER / "databases", postgres=_postgres() if ENGINE == "postgres" else None)


@pytest.fixture
def database() -> Iterator[str]:
    """A fresh migrated database behind Django's default connection and behind `append`; gives its NAME."""
    from chat.ledger import recent
    from chat.ledger.writer import stop_writer
    from chat.live import limits
    from chat.transcripts import streaming

    name = _databases().fresh()
    yield name
    streaming.rest()
    stop_writer()
    recent.clear()
    limits.clear()
    _databases().drop(name)


@pytest.fixture
def server_factory() -> Iterator[Callable[..., RunningServer]]:
    """Makes servers that are not started yet: `server_factory(relay="127.0.0.1:2526").start()`. They are stopped after the test."""
    made: list[RunningServer] = []

    def make(command: str = "up", **settings: str | int) -> RunningServer:
        if ENGINE == "postgres":
            settings.setdefault("database", _postgres().create_database(template=_databases().template()))
            settings.setdefault("redis", _redis().url)
        server = RunningServer(FOLDER / f"server-{next(_numbers)}", command=command, **settings)
        if ENGINE == "sqlite" and not settings.get("demo"):
            server.begin_with(_databases().template(), name=_databases().file_name)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def running_server(server_factory: Callable[..., RunningServer]) -> RunningServer:
    """`throughline up` with an empty database of its own, ready to answer."""
    return server_factory().start()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """An SMTP server that keeps what it gets, in this process."""
    sink = MailSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def gateway_port() -> int:
    """Where `postfix` hands on mail for support.example: give it to the server under test as `smtp_port`, or to a sink."""
    return free_port()


@pytest.fixture
def postfix(gateway_port: int) -> Iterator[Postfix]:
    """A mail exchanger with the mailboxes of customer.example; everything for support.example goes to `gateway_port`."""
    server = Postfix(FOLDER / f"postfix-{next(_numbers)}", gateway_port=gateway_port)
    yield server
    server.stop()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium without a window; `await chromium.new_page()` is one visitor, `new_context()` one more."""
    async with launched_chromium() as browser:
        yield browser
