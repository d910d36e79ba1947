"""The events as a table for spreadsheets: CSV as in RFC 4180, UTF-8 with a byte order mark, one row an event. For reading: JSON is exact.

No cell becomes a formula: a sign that begins one gets an apostrophe before it, at the start of a cell and where a program that splits
at other signs than the comma would see the start of one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from chat.ledger.read import Entry
from chat.transcripts.clock import Clock
from chat.transcripts.plain import inline
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.transcripts.wording import Reading

COLUMNS = (
    "position",
    "utc",
    "local",
    "kind",
    "channel",
    "audience",
    "actor",
    "name",
    "title",
    "text",
    "details",
    "files",
    "crossed_out",
    "seal",
)
_SIGN = re.compile("[=+@\t\r\uff1d\uff0b\uff0d\uff20-]")
_FORMULA = re.compile(r"(\A|[;\t\r\n|\"])([^\S\t\r\n]*)(?=[=+@\uff1d\uff0b\uff0d\uff20]|-(?!\)))|\A(?=[\t\r])")


@register_format
class Csv(Format):
    name = "csv"
    label = "Table"
    media_type = "text/csv; charset=utf-8; header=present"
    extension = "csv"
    icon = "list"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield "\ufeff".encode() + _row(COLUMNS)
        for entry, read in transcript.told():
            yield _row(_cells(entry, read, transcript.clock))


def _cells(entry: Entry, read: Reading, clock: Clock) -> tuple[Any, ...]:
    return (
        entry.position,
        clock.machine(entry.at),
        clock.iso(entry.at),
        entry.kind,
        entry.channel,
        entry.audience.value,
        entry.actor,
        inline(str(entry.values.get("by", ""))),
        read.title,
        read.said,
        "\n".join(f"{label}: {value}" for label, value in (*read.facts, *_steps(read, clock), *read.folded)),
        "\n".join(f"{file.name}, {file.media_type}, {file.size}, sha256 {file.digest}" for file in read.files if file.digest),
        ", ".join(read.crossed_out),
        entry.seal.hex(),
    )


def _steps(read: Reading, clock: Clock) -> Iterator[tuple[str, str]]:
    for number, step in enumerate(read.steps, 1):
        yield clock.say("If you disagree, {number}", number=number), step


def _row(cells: tuple[Any, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return line.getvalue().encode()


def _harmless(cell: str) -> str:
    return _FORMULA.sub(r"\1\2'", cell) if _SIGN.search(cell) else cell
