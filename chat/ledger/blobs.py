"""Attachments, raw mail, recordings: files named by the SHA-256 of their content, durable before anything refers to them.

Knows a folder and nothing of what is in the files.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterable, Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_NAME = re.compile(r"[0-9a-f]{64}\Z")


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
    """Keep an asynchronous stream; returns digest and size in octets. Small writes go to the page cache; only the fsync leaves the loop."""
    from chat.ledger.read import in_thread

    incoming = _Incoming(limit)
    with incoming:
        async for chunk in chunks:
            incoming.write(chunk)
        return await in_thread(incoming.keep), incoming.size


def open_blob(digest: str) -> BinaryIO:
    """The content, for reading. Raises FileNotFoundError."""
    return _path(digest).open("rb")


def size(digest: str) -> int:
    """Octets. Raises FileNotFoundError."""
    return _path(digest).stat().st_size


def exists(digest: str) -> bool:
    return _path(digest).is_file()


def remove_unreferenced(digest: str) -> None:
    """Remove a blob that nothing refers to (a probe, an upload that was never sent). The caller has made sure of it."""
    _path(digest).unlink(missing_ok=True)


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

    def write(self, chunk: bytes) -> None:
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
        if not final.exists():
            final.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.rename(final)
        # Also if it was there: somebody may have renamed it a moment ago and not synced yet. Never promise more than the disk holds.
        for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
            _sync(folder)
        return digest


def _folder() -> Path:
    folder = Path(settings.BLOBS)
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)
    return folder


def _path(digest: str) -> Path:
    if not _NAME.match(digest):
        raise FileNotFoundError(f"{digest[:80]!r} names no blob.")
    return Path(settings.BLOBS) / digest[:2] / digest[2:4] / digest


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
