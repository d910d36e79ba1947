"""The disk fills up, the server is killed, the database goes away: nobody hears 250 for a mail that is lost, and none is there twice."""

from __future__ import annotations

import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.journeys.posting import Poster, assert_kept_once, posting, wait_for
from tests.journeys.shop import Shop
from tests.services import Postgres, RunningServer
from tests.services.ports import wait_until

pytestmark = pytest.mark.journey

FULL = 64 * 1024
"""No file grows beyond so many octets while the disk is full: neither the database nor a large mail."""


def test_a_full_disk_loses_no_mail(server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory().start()
    Shop(server)
    _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    with posting(server.smtp_port) as posters:
        for _ in range(2):
            wait_for(posters, more=2)
            before = _told_to_wait(posters)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FULL, most))
            wait_until(partial(_more_than, before + 3, posters), log=server.log_file)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))
        wait_for(posters, more=2)
    assert_kept_once(server, posters)


def test_a_killed_server_loses_no_mail_large_or_small(server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory().start()
    Shop(server)
    with posting(server.smtp_port, senders=4) as posters:
        for more in (1, 3):
            wait_for(posters, more=more)
            server.kill()
            server.start()
        wait_for(posters, more=1)
    assert_kept_once(server, posters)


def test_a_database_that_is_stopped_and_killed_in_mid_load_loses_no_mail(
    server_factory: Callable[..., RunningServer], services_folder: Path
) -> None:
    postgres = Postgres(services_folder / "hurt-postgres", durable=True)
    try:
        server = server_factory(database=postgres.create_database(), redis="").start()
        Shop(server)
        with posting(server.smtp_port) as posters:
            wait_for(posters, more=2)
            postgres.stop()
            wait_until(partial(_more_than, 0, posters), log=server.log_file, seconds=40)
            postgres.start()
            wait_for(posters, more=2)
            postgres.kill()
            postgres.start()
            wait_for(posters, more=2)
        assert_kept_once(server, posters)
        server.stop()
    finally:
        postgres.stop()


def _told_to_wait(posters: list[Poster]) -> int:
    return sum(poster.answers[451] for poster in posters)


def _more_than(count: int, posters: list[Poster]) -> bool:
    return _told_to_wait(posters) > count
