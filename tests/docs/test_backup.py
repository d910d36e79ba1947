"""The backup that docs/operations.md tells of is whole: taken while the server writes, it verifies in a server of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from chat.events.talk import MessageSaid
from tests.chat.nadia import NadiasCase
from tests.services import RunningServer


def test_a_copy_made_while_lines_come_in_verifies_elsewhere(
    database: str, server_factory: Callable[..., RunningServer], tmp_path: Path
) -> None:
    case = NadiasCase().tell()
    saved = tmp_path / "saved.sqlite3"
    with sqlite3.connect(database) as source, sqlite3.connect(saved) as target:
        # A page at a time, with a line written in between: SQLite then begins the copy anew or takes the change along.
        said = iter(range(5))
        source.backup(target, pages=20, progress=lambda *_: next(said, None) is not None and bool(case.add(_line())))
    other = server_factory()
    other.begin_with(str(saved), name="throughline.sqlite3")
    done = other.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 conversation verified" in done.stdout


def _line() -> MessageSaid:
    return MessageSaid(by="Nadia", text="And another thing.")
