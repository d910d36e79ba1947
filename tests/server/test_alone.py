"""On SQLite one process holds the store."""

from __future__ import annotations

from collections.abc import Callable

from tests.services import RunningServer


def test_a_second_process_on_the_same_sqlite_store_is_refused(server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory(database="", redis="").start()
    ended = server.run("work", seconds=60)
    assert ended.returncode != 0
    assert f"process {server.pid}" in ended.stderr
    assert "THROUGHLINE_DATABASE" in ended.stderr
    assert "Traceback" not in ended.stderr
