"""The journal keeps what was announced, whatever happened to its last line, and knows what did not come true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from chat.ledger import journal
from chat.ledger.journal import Line


@pytest.fixture(autouse=True)
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "kept apart" / "erasures.jsonl"
    with override_settings(JOURNAL=path):
        yield path


def _line(name: str, **values: object) -> Line:
    return Line(id=name, conversation="7100000000000001", position=4, fields=("text",), ground="mistake", **values)  # type: ignore[arg-type]


def test_lines_come_back_in_order_and_the_file_is_for_its_owner_alone(path: Path) -> None:
    journal.note([_line("a"), _line("b", seal="ff")])
    journal.note([Line(id="c", person="customer:41")])
    assert [line.id for line in journal.lines()] == ["a", "b", "c"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_refused_is_not_told_again() -> None:
    journal.note([_line("a"), _line("b")])
    journal.undo(["a"])
    assert [line.id for line in journal.lines()] == ["b"]


def test_a_line_cut_short_by_a_power_failure_spoils_no_other(path: Path) -> None:
    journal.note([_line("a")])
    with path.open("ab") as file:
        file.write(b'{"id":"b","conversation":"71000')
    journal.note([_line("c")])
    assert [line.id for line in journal.lines()] == ["a", "c"]


def test_no_journal_is_an_empty_one() -> None:
    assert list(journal.lines()) == []


def test_what_cannot_be_written_is_said_before_anything_is_to_be_erased(path: Path) -> None:
    assert journal.trouble() == ""
    assert not path.exists()
    journal.note([_line("a")])
    assert journal.trouble() == ""
    path.unlink()
    path.mkdir()
    assert "cannot be written" in journal.trouble()
    with pytest.raises(OSError):
        journal.note([_line("b")])


def test_journals_of_several_hosts_are_read_together(path: Path, tmp_path: Path) -> None:
    journal.note([_line("a")])
    other = tmp_path / "other.jsonl"
    other.write_bytes(path.read_bytes().replace(b'"a"', b'"b"') + b"not a line\n")
    assert {line.id for line in journal.lines([path, other, tmp_path / "none"])} == {"a", "b"}
