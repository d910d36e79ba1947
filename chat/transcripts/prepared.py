"""Prepared files: a long transcript written down once, so that a download that broke off goes on where it stopped.

Copies for an hour in a folder of bounded size; each can be made again at any time. Knows neither what they hold nor who asks.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
from django.conf import settings

from chat.ledger.read import in_thread
from chat.transcripts.streaming import streamed

LASTS = 3600
"""Seconds."""
LARGEST = 512 * 1024 * 1024
"""Octets of one file."""
ROOM = 2 * LARGEST
"""Octets of all of them."""
_NAME = re.compile(r"[0-9a-f]{64}\Z")
_running: dict[str, asyncio.Task[None]] = {}
log = structlog.get_logger()


class NoRoom(OSError):
    """The file would be too large."""


async def prepared(name: str, write: Callable[[], Iterator[bytes]]) -> Path | None:
    """The file `name` (a SHA-256 in hex that stands for its content), written now if it is not there; None if there is no room for it
    or another one is being written: then the download comes whole.

    Whoever asks meanwhile waits for the same writing; it goes on when they leave, for they will come back.
    """
    path = _folder() / name
    if not _NAME.match(name):
        raise ValueError("A prepared file is named by a digest.")
    if not await in_thread(path.is_file):
        task = _running.get(name)
        if task is None:
            if _running:  # one at a time, or all of them together would need more than there is room for
                return None
            task = _running[name] = asyncio.create_task(_prepare(path, write))
            task.add_done_callback(lambda _: _running.pop(name, None))
        try:
            await asyncio.shield(task)
        except OSError as problem:
            log.warning("nothing_prepared", problem=str(problem))
            return None
    return path


def clear() -> None:
    """Remove what an earlier process left. Only copies are lost."""
    for path in _files():
        path.unlink(missing_ok=True)


async def _prepare(path: Path, write: Callable[[], Iterator[bytes]]) -> None:
    async for _ in streamed(_written(path, write)):
        pass
    asyncio.get_running_loop().call_later(LASTS, path.unlink, True)


def _written(path: Path, write: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_room()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in write():
                if file.tell() + len(piece) > LARGEST:
                    raise NoRoom(f"A prepared file has at most {LARGEST} octets.")
                file.write(piece)
                yield piece
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _make_room() -> None:
    """Remove what is too old, and the oldest until there is room for the largest."""
    found = sorted((status.st_mtime, status.st_size, path) for path in _files() if (status := _status(path)))
    held = sum(size for _, size, _ in found)
    for made, size, path in found:
        if made < time.time() - LASTS or held > ROOM - LARGEST:
            path.unlink(missing_ok=True)
            held -= size


def _files() -> list[Path]:
    folder = _folder()
    return list(folder.iterdir()) if folder.is_dir() else []


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _folder() -> Path:
    return Path(settings.DATA) / "prepared"
