"""Attachments, raw mail, recordings: files named by the SHA-256 of their content, durable before anything refers to them.

Knows a folder and nothing of what is in the files.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
import threading
import time
from collections.abc import AsyncIterable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

from django.conf import settings

_NAME = re.compile(r"[0-9a-f]{64}\Z")
ABANDONED = 24 * 3600.0
"""Seconds without a write after which a file on its way in belongs to a process that died."""
RESTS = 60.0
"""Seconds within which whoever stored a blob has committed what refers to it."""
_disk = ThreadPoolExecutor(4, thread_name_prefix="blobs")
"""Of our own: a slow disk must not hold up those who only read the database."""
_settled: set[Path] = set()
"""Folders of which we know that their own names are on disk: at most 65,792 in a store."""
T = TypeVar("T")


class TooLarge(ValueError):
    """The stream is longer than allowed; nothing was kept."""


def store(data: bytes) -> str:
    """Keep `data`; returns its digest in hex after file and folder are on disk."""
    return store_stream([data])


def store_stream(chunks: Iterable[bytes], *, limit: int | None = None) -> str:
    """Keep a stream of at most `limit` octets; returns the digest. Raises TooLarge, or OSError if the disk is full."""
    incoming = _Incoming(limit)
    with incoming:
        for chunk in chunks:
            incoming.write(chunk)
        return incoming.keep()


async def receive(chunks: AsyncIterable[bytes], *, limit: int) -> tuple[str, int]:
    """Keep an asynchronous stream; returns digest and size in octets. Raises TooLarge, or OSError if the disk is full."""
    incoming = Spool(limit=limit)
    try:
        async for chunk in chunks:
            await incoming.write(chunk)
        return await incoming.keep(), incoming.size
    finally:
        incoming.discard()


class Spool:
    """A stream on its way into the store, for an event loop: the disk's work is done in threads. At the end `discard()`, kept or not."""

    def __init__(self, *, limit: int | None = None) -> None:
        self._limit = limit
        self._incoming: _Incoming | None = None
        self._lock = threading.Lock()
        self._over = False

    @property
    def size(self) -> int:
        return self._incoming.size if self._incoming is not None else 0

    async def write(self, *chunks: bytes) -> None:
        """Raises TooLarge, or OSError if the disk is full."""
        await self._in_thread(lambda incoming: incoming.write(*chunks))

    async def keep(self) -> str:
        """Its digest, after file and folders are on disk. Raises OSError."""
        return await self._in_thread(lambda incoming: incoming.keep())

    def discard(self) -> None:
        """Leave nothing of it but what was kept. A thread that writes for somebody who was cancelled does it when it is done."""
        self._over = True
        if self._lock.acquire(blocking=False):
            try:
                if self._incoming is not None:
                    self._incoming.__exit__()
            except OSError:
                pass  # a full disk once more; the file is gone
            finally:
                self._lock.release()

    async def _in_thread(self, work: Callable[[_Incoming], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(_disk, self._do, work)

    def _do(self, work: Callable[[_Incoming], T]) -> T:
        try:
            with self._lock:
                self._incoming = self._incoming or _Incoming(self._limit)
                return work(self._incoming)
        finally:
            if self._over:
                self.discard()


def open_blob(digest: str) -> BinaryIO:
    """The content, for reading. Raises FileNotFoundError."""
    return _path(digest).open("rb")


def size(digest: str) -> int:
    """Octets. Raises FileNotFoundError."""
    return _path(digest).stat().st_size


def exists(digest: str) -> bool:
    return _path(digest).is_file()


def remove_unreferenced(digest: str, *, rested: float = 0) -> bool:
    """Remove a blob that nothing refers to; the caller has made sure of it. False if it was stored, once more perhaps, less than
    `rested` seconds ago: then somebody may be about to refer to it, and it stays."""
    path = _path(digest)
    aside = path.with_name(f"{digest}.going")
    before = time.time() - rested
    try:
        if rested and path.stat().st_mtime > before:
            return False
        # Out of everybody's reach, then looked at again: whoever stores the same content from now on keeps a file of their own.
        path.rename(aside)
    except FileNotFoundError:
        aside.unlink(missing_ok=True)
        return True
    if rested and aside.stat().st_mtime > before:
        aside.rename(path)
        return False
    aside.unlink(missing_ok=True)
    return True


def sweep() -> int:
    """Remove what processes left half-written when they died, long ago; returns how many files."""
    before, gone = time.time() - ABANDONED, 0
    for path in _folder().glob("incoming-*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                gone += 1
    return gone


def trouble() -> str:
    """Why the store cannot take a file now; empty if it can."""
    try:
        folder = _folder()
        with tempfile.NamedTemporaryFile(dir=folder, prefix="probe-") as probe:
            # On a full disk an empty file can still be made.
            probe.write(bytes(64 * 1024))
            probe.flush()
            return ""
    except OSError as problem:
        return f"the blob store {settings.BLOBS} cannot be written: {problem.strerror}"


class _Incoming:
    """A file on its way in: under a temporary name until it is whole and synced."""

    def __init__(self, limit: int | None) -> None:
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        handle, name = tempfile.mkstemp(dir=_folder(), prefix="incoming-")
        self._file = os.fdopen(handle, "wb")
        self._temporary = Path(name)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        try:
            self._file.close()  # on a full disk this fails once more
        finally:
            self._temporary.unlink(missing_ok=True)

    def write(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self.size += len(chunk)
            if self._limit is not None and self.size > self._limit:
                raise TooLarge(f"The file is larger than {self._limit} octets.")
            self._hash.update(chunk)
            self._file.write(chunk)

    def keep(self) -> str:
        digest = self._hash.hexdigest()
        self._file.flush()
        os.fsync(self._file.fileno())
        final = _path(digest)
        if not _there_already(final):
            if not final.parent.is_dir():
                _settled.difference_update((final.parent, final.parent.parent))
                final.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.rename(final)
        # Also if it was there: somebody may have renamed it a moment ago and not synced yet. Never promise more than the disk holds.
        sync(final.parent)
        _settle(final.parent)
        return digest


def _there_already(path: Path) -> bool:
    """Whether the blob is there; from now on it counts as stored just now, which whoever removes blobs respects."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _settle(folder: Path) -> None:
    # Folders further up change only when one below is made. What another process made just now is not settled here: that is synced too.
    above = folder.parent
    if folder not in _settled:
        sync(above)
        if above not in _settled:
            sync(above.parent)
    _settled.update((folder, above))


def _folder() -> Path:
    folder = Path(settings.BLOBS)
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync(folder.parent)
    return folder


def _path(digest: str) -> Path:
    if not _NAME.match(digest):
        raise FileNotFoundError(f"{digest[:80]!r} names no blob.")
    return Path(settings.BLOBS) / digest[:2] / digest[2:4] / digest


def sync(folder: Path) -> None:
    """Put on disk which names a folder holds: a new file may be lost without it. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
