"""Files are kept whole and on disk, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from chat.ledger import blobs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "blobs")
    return tmp_path / "blobs"


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [b"", b"A dented lamp.", os.urandom(3_000_000)], ids=["empty", "small", "large"])
def test_what_is_stored_comes_back(data: bytes, folder: Path) -> None:
    digest = blobs.store(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert blobs.size(digest) == len(data)
    assert blobs.exists(digest)
    with blobs.open_blob(digest) as file:
        assert file.read() == data
    assert _files(folder) == [digest]


def test_the_same_content_is_kept_once(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        digests = set(threads.map(lambda _: blobs.store(b"the same photo"), range(40)))
    assert _files(folder) == sorted(digests)
    assert len(digests) == 1


def test_nothing_has_its_name_before_it_is_whole(folder: Path) -> None:
    seen: list[list[str]] = []

    def chunks() -> Iterator[bytes]:
        yield b"first half, "
        seen.append(_files(folder))
        yield b"second half"

    digest = blobs.store_stream(chunks())
    assert len(seen[0]) == 1
    assert seen[0][0].startswith("incoming-")
    assert _files(folder) == [digest]


def test_file_and_folders_are_synced_before_the_digest_is_given_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    digest = blobs.store(b"raw mail")
    assert synced[0] == folder.parent.name
    assert synced[1].startswith("incoming-")
    assert synced[2:] == [digest[2:4], digest[:2], "blobs"]
    synced.clear()
    blobs.store(b"raw mail")
    # The folder of the file each time, for who put it there may not have come so far; what leads to it is known to be on disk.
    assert synced[1:] == [digest[2:4]]
    shutil.rmtree(folder / digest[:2])
    synced.clear()
    blobs.store(b"raw mail")
    assert synced[1:] == [digest[2:4], digest[:2], "blobs"]


def test_a_stream_that_is_too_long_leaves_nothing(folder: Path) -> None:
    with pytest.raises(blobs.TooLarge):
        blobs.store_stream([b"x" * 60, b"x" * 41], limit=100)
    assert _files(folder) == []
    assert blobs.size(blobs.store_stream([b"x" * 100], limit=100)) == 100


async def test_an_upload_that_breaks_off_leaves_nothing(folder: Path) -> None:
    async def upload() -> AsyncIterator[bytes]:
        yield b"half of it"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.receive(upload(), limit=100)
    assert _files(folder) == []


async def test_who_goes_away_in_the_middle_of_a_write_leaves_nothing(folder: Path) -> None:
    spool = blobs.Spool()
    await spool.write(b"half of it")
    writing = asyncio.create_task(spool.write(b"more" * 1_000_000))
    await asyncio.sleep(0)
    writing.cancel()
    spool.discard()
    await asyncio.to_thread(_wait_until_empty, folder)


def _wait_until_empty(folder: Path) -> None:
    until = time.monotonic() + 10
    while _files(folder):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_died_half_written_is_swept_away_after_a_day(folder: Path) -> None:
    digest = blobs.store(b"a photo")
    old, young = folder / "incoming-old", folder / "incoming-young"
    for path in (old, young):
        path.write_bytes(b"half of it")
    os.utime(old, (time.time() - blobs.ABANDONED - 60,) * 2)
    assert blobs.sweep() == 1
    assert _files(folder) == sorted([digest, young.name])


async def test_an_upload_is_counted() -> None:
    async def upload() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"abc"

    assert await blobs.receive(upload(), limit=9) == (hashlib.sha256(b"abcabcabc").hexdigest(), 9)
    with pytest.raises(blobs.TooLarge):
        await blobs.receive(upload(), limit=8)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "/" + "a" * 63, "..", "a" * 62 + "/."]
)
def test_only_a_digest_names_a_file(name: str) -> None:
    for ask in (blobs.open_blob, blobs.size, blobs.exists):
        with pytest.raises(FileNotFoundError):
            ask(name)


def test_a_digest_without_a_file_is_not_found() -> None:
    assert not blobs.exists("0" * 64)
    with pytest.raises(FileNotFoundError):
        blobs.open_blob("0" * 64)


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file of this process can grow beyond 64 KB; writing on fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    deaf = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield 65_536
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, deaf)


@pytest.mark.parametrize("over", [1, 5_000, 1_000_000])
def test_a_full_disk_is_said_and_leaves_nothing(small_disk: int, folder: Path, over: int) -> None:
    with pytest.raises(OSError, match=r"too large|No space"):
        blobs.store(b"x" * (small_disk + over))
    assert _files(folder) == []
    assert blobs.size(blobs.store(b"x" * 1000)) == 1000


def test_a_store_that_cannot_be_written_says_so(folder: Path) -> None:
    assert blobs.trouble() == ""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    folder.write_bytes(b"a file in its place")
    assert "cannot be written" in blobs.trouble()


def test_a_store_without_room_says_so() -> None:
    assert blobs.trouble() == ""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        assert "cannot be written" in blobs.trouble()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
