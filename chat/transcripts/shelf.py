"""The folder of prepared files: how much room there is, what is whole, and of which conversations each is made. Knows no event loop.

A claim `<name>.of` stands beside each file from before its first octet. Whoever removes the claim removes the file, and what is written
looks for its claim after it was put in place: so nothing that was forgotten comes back.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings

from chat.ledger import overview

LARGEST = 8 * 1024**3
"""Octets of one file."""
ROOM = 4 * LARGEST
"""Octets of all of them."""
SPARE = 1024**3
"""Octets of the disk that stay free."""
LOOK_EVERY = 16 * 1024**2
"""Octets written between two looks at the disk and at the claim."""
INCOMING, CLAIM = "incoming-", ".of"


class NoRoom(OSError):
    """The file would be too large, or the disk is nearly full; the sentence says which."""


class Forgotten(OSError):
    """Something of which the file is made was crossed out while it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file that is whole. It may go at any time: open it before anything else is said about it."""

    path: Path
    size: int
    sha256: str


class Place:
    """A file on its way: under a temporary name until it is whole."""

    def __init__(self, name: str, file: IO[bytes], temporary: Path) -> None:
        self._name, self._file, self._temporary = name, file, temporary
        self._size = self._looked = 0

    def write(self, piece: bytes) -> None:
        """Raises NoRoom, Forgotten or another OSError."""
        self._size += len(piece)
        if self._size > LARGEST:
            raise NoRoom(f"A prepared file has at most {LARGEST // 1024**2} MB.")
        if self._size - self._looked > LOOK_EVERY:
            self._looked = self._size
            _look(self._name)
        self._file.write(piece)

    def keep(self, sha256: str) -> None:
        """It is whole now, and others find it. Raises Forgotten."""
        self._file.close()
        final = folder() / f"{self._name}-{sha256}"
        try:
            os.replace(self._temporary, final)
        except FileNotFoundError:
            raise Forgotten("What it holds was crossed out meanwhile.") from None
        if not _claim(self._name).exists():
            final.unlink(missing_ok=True)
            raise Forgotten("What it holds was crossed out meanwhile.")


def found(name: str) -> Copy | None:
    """The file of this name, if it is there, whole, and its time is not over."""
    claimed = _read(_claim(name))
    if claimed is None or claimed["until"] < time.time():
        return None
    for path in folder().glob(f"{name}-*"):
        with contextlib.suppress(FileNotFoundError):
            return Copy(path=path, size=path.stat().st_size, sha256=path.name.rpartition("-")[2])
    return None


@contextlib.contextmanager
def place(name: str, *, of: Mapping[int, int], expected: int, until: int) -> Iterator[Place]:
    """Where a new file of these conversations (each up to a position) is written. Leaves nothing if that fails; raises as `Place` does."""
    folder().mkdir(parents=True, exist_ok=True)
    _make_room(expected)
    crossed = {str(conversation): [upto, overview.crossed_after(conversation, upto)] for conversation, upto in of.items()}
    _claim(name).write_bytes(orjson.dumps({"of": crossed, "until": until}))
    handle, temporary = tempfile.mkstemp(dir=folder(), prefix=f"{INCOMING}{name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield Place(name, file, Path(temporary))
    except BaseException:
        remove(name)
        raise
    finally:
        Path(temporary).unlink(missing_ok=True)


def whole() -> list[Path]:
    """The files that are not on their way any more."""
    return [path for path in _files() if not path.name.startswith(INCOMING)]


def remove(name: str) -> None:
    """The claim first: a file that is being put in place now looks for it afterwards."""
    _claim(name).unlink(missing_ok=True)
    for pattern in (f"{name}-*", f"{INCOMING}{name}-*"):
        for path in folder().glob(pattern):
            path.unlink(missing_ok=True)


def forget(conversation: int) -> int:
    """Remove what is made of a conversation, finished or not; gives how many files."""
    number, gone = str(conversation), 0
    for claim in _claims():
        claimed = _read(claim)
        if claimed is None or number in claimed["of"]:
            remove(claim.name.removesuffix(CLAIM))
            gone += 1
    return gone


def sweep() -> bool:
    """Remove what is over, what was crossed out, and what belongs to nobody; gives whether anything is left."""
    left = False
    for claim in _claims():
        name, claimed = claim.name.removesuffix(CLAIM), _read(claim)
        if claimed is None or claimed["until"] < time.time() or _crossed(claimed["of"]):
            remove(name)
        else:
            left = True
    for path in _files():
        if path.suffix != CLAIM and not _claim(_name_of(path)).exists():
            path.unlink(missing_ok=True)
    return left


def clear() -> None:
    for path in [*_claims(), *_files()]:
        path.unlink(missing_ok=True)


def folder() -> Path:
    return Path(settings.DATA) / "prepared"


def _look(name: str) -> None:
    if not _claim(name).exists():
        raise Forgotten("What it holds was crossed out meanwhile.")
    if shutil.disk_usage(folder()).free < SPARE:
        raise NoRoom("The disk of the server is nearly full. Try again later, or save the formats one by one.")


def _make_room(expected: int) -> None:
    """Remove what is over, and the oldest until there is room. Raises NoRoom if it would not be enough."""
    sweep()
    kept = sorted((status.st_mtime, status.st_size, path) for path in _files() if (status := _status(path)))
    held = sum(size for _, size, _ in kept)
    room = min(ROOM, held + shutil.disk_usage(folder()).free - SPARE)
    if expected > min(room, LARGEST):
        raise NoRoom("There is no room on the server's disk for a file of this size. Try again later, or save the formats one by one.")
    for _, size, path in kept:
        if held + expected <= room:
            return
        remove(_name_of(path))
        held -= size


def _crossed(of: Mapping[str, Any]) -> bool:
    return any(overview.crossed_after(int(conversation), upto) != crossed for conversation, (upto, crossed) in of.items())


def _read(claim: Path) -> dict[str, Any] | None:
    try:
        return dict(orjson.loads(claim.read_bytes()))
    except (OSError, ValueError):
        return None


def _claim(name: str) -> Path:
    return folder() / f"{name}{CLAIM}"


def _claims() -> list[Path]:
    return list(folder().glob(f"*{CLAIM}"))


def _files() -> list[Path]:
    return [path for path in folder().iterdir() if path.suffix != CLAIM] if folder().is_dir() else []


def _name_of(path: Path) -> str:
    return path.name.removeprefix(INCOMING).partition("-")[0]


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
