"""The journal of what was crossed out: a file apart from the database and its backups, written before each crossing out commits.

A restored backup holds again what was erased since it was made; `replay` (see `replay.py`) reads this and takes it out again. Holds no
content: places and seals. Knows neither who decided nor why.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import orjson
import structlog
from django.conf import settings

from chat.ledger import blobs

log = structlog.get_logger()


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a record, or one person, that lost content."""

    conversation: str = ""
    """Id; a string, because JSON readers round large numbers. Empty in a line about a person."""
    position: int = 0
    seal: str = ""
    """In hex: after a restore another entry may stand at the same position."""
    fields: tuple[str, ...] = ()
    person: str = ""
    """Ref of a person whose name and addresses are gone from the tables of people."""
    since: str = ""
    """When that person came first: after a restore somebody else may get the same number."""
    ground: str = ""
    at: int = 0
    """Microseconds since 1970 in UTC."""
    id: str = ""
    undone: str = ""
    """Id of a line that did not come true: its crossing out was refused."""


def new_id() -> str:
    return secrets.token_hex(8)


def now() -> int:
    return time.time_ns() // 1000


def note(lines: Sequence[Line]) -> None:
    """Add lines, on disk when this returns. Raises OSError: then nothing may be crossed out."""
    if not lines:
        return
    path = _path()
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path) as handle:
        text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        # A line that power failure cut short must not swallow the next one.
        text = text if _ends_whole(handle) else b"\n" + text
        while text:
            text = text[os.write(handle, text) :]
        os.fsync(handle)
    if new:
        blobs.sync(path.parent)


def undo(ids: Iterable[str]) -> None:
    """Say that the crossing out of these lines was refused, so that no replay carries it out."""
    note([Line(undone=one, at=now()) for one in ids])


def trouble() -> str:
    """Why nothing could be written here now, so that nothing could be erased; empty if it could. Makes no journal where there is none."""
    path = _path()
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        elif not os.access(next(folder for folder in path.parents if folder.exists()), os.W_OK):
            return f"the folder of {path} cannot be written"
    except OSError as problem:
        return f"{path} cannot be written: {problem.strerror}"
    return ""


def lines(paths: Sequence[Path] = ()) -> Iterator[Line]:
    """All lines that came true, oldest first. `paths` are journals of other hosts, or copies; none is the journal of this server."""
    found = [*_read(paths or (_path(),))]
    undone = {line.undone for line in found if line.undone}
    yield from (line for line in found if not line.undone and line.id not in undone)


def _read(paths: Iterable[Path]) -> Iterator[Line]:
    for path in paths:
        if not path.exists():
            continue
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                line = _parsed(text)
                if line is not None:
                    yield line
                elif text.strip():
                    # Cut short by a power failure: what it announced was never committed.
                    log.warning("journal_line_unreadable", line=number)


def _parsed(text: bytes) -> Line | None:
    try:
        value: Any = orjson.loads(text)
        return msgspec.convert(value, Line)
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        return None


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _ends_whole(handle: int) -> bool:
    end = os.lseek(handle, 0, os.SEEK_END)
    return end == 0 or os.pread(handle, 1, end - 1) == b"\n"


def _path() -> Path:
    return Path(settings.JOURNAL)
