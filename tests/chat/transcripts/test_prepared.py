"""Prepared files stay within the room there is for them, and go when what they hold is crossed out."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import cross_out
from chat.transcripts import prepared, shelf
from chat.transcripts.prepared import Wanted
from chat.transcripts.shelf import Copy
from tests.chat.nadia import NadiasCase

FIRST, SECOND = "a" * 64, "b" * 64
TEXT = b"Nadia: My lamp came with a dent.\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)


def _wanted(name: str = FIRST, *pieces: bytes, write: Callable[[], Iterator[bytes]] | None = None, of: int = 0, lasts: int = 60) -> Wanted:
    return Wanted(name=name, write=write or (lambda: iter(pieces or [TEXT])), of={of: 1} if of else {}, lasts=lasts)


def _slowly(go_on: threading.Event) -> Callable[[], Iterator[bytes]]:
    def write() -> Iterator[bytes]:
        yield TEXT
        go_on.wait(20)
        yield TEXT

    return write


def _left() -> list[str]:
    return sorted(path.name for path in shelf.folder().iterdir()) if shelf.folder().is_dir() else []


async def _made(wanted: Wanted) -> Copy:
    copy = await prepared.prepared(wanted, patient=True)
    assert copy is not None
    return copy


async def test_a_file_is_written_once_with_its_digest() -> None:
    copy = await _made(_wanted())
    assert copy.path.read_bytes() == TEXT
    assert (copy.size, copy.sha256) == (len(TEXT), hashlib.sha256(TEXT).hexdigest())
    assert await _made(_wanted(FIRST, b"something else")) == copy


async def test_one_file_is_written_at_a_time_and_the_patient_wait_for_their_turn() -> None:
    go_on = threading.Event()
    slow = asyncio.create_task(prepared.prepared(_wanted(write=_slowly(go_on))))
    await asyncio.sleep(0.1)
    patient = asyncio.create_task(prepared.prepared(_wanted(SECOND), patient=True))
    try:
        assert await prepared.prepared(_wanted("c" * 64)) is None, "the third download comes whole instead"
        assert (await prepared.progress(_wanted(SECOND))).state == "waiting"
        assert (await prepared.progress(_wanted(FIRST))).done == len(TEXT)
    finally:
        go_on.set()
    first, second = await slow, await patient
    assert first is not None
    assert first.path.read_bytes() == TEXT + TEXT
    assert second is not None


async def test_its_progress_is_told_until_it_is_ready_though_nobody_waits() -> None:
    wanted = _wanted()
    seen = [(await prepared.progress(wanted)).state]
    while seen[-1] != "ready":
        await asyncio.sleep(0.01)
        seen.append((await prepared.progress(wanted)).state)
    assert set(seen) <= {"waiting", "writing", "ready"}
    assert (await prepared.progress(wanted)).done == len(TEXT)


async def test_one_that_cannot_be_written_leaves_nothing_and_says_so() -> None:
    def broken() -> Iterator[bytes]:
        yield TEXT
        raise RuntimeError("the lamp fell down")

    assert await prepared.prepared(_wanted(write=broken)) is None
    told = await prepared.progress(_wanted(write=broken))
    assert (told.state, told.problem) == ("failed", "It could not be written now.")
    assert _left() == []


async def test_the_oldest_go_when_the_room_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "ROOM", 150)
    for letter in "abcd":
        await _made(Wanted(name=letter * 64, write=lambda: iter([b"x" * 60]), of={}, expected=60))
        await asyncio.sleep(0.01)
    assert [path.name[0] for path in sorted(shelf.whole())] == ["c", "d"]


async def test_a_file_that_is_too_large_is_not_begun_and_one_that_grows_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LARGEST", 100)
    assert await prepared.prepared(Wanted(name=FIRST, write=lambda: iter([TEXT]), of={}, expected=101)) is None
    assert "no room" in (await prepared.progress(_wanted())).problem
    assert await prepared.prepared(_wanted(SECOND, b"x" * 60, b"x" * 60)) is None
    assert _left() == []


async def test_some_of_the_disk_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LOOK_EVERY", 10)
    monkeypatch.setattr(shelf, "SPARE", shutil.disk_usage(settings.DATA).total)
    assert await prepared.prepared(_wanted()) is None
    assert _left() == []


async def test_what_is_over_is_not_handed_out_and_goes() -> None:
    wanted = _wanted(lasts=-1)
    await prepared.prepared(wanted)
    assert shelf.found(FIRST) is None
    assert shelf.sweep() is False
    assert _left() == []


async def test_what_is_forgotten_goes_and_what_is_being_written_does_not_come_back(database: str) -> None:
    await _made(_wanted(FIRST, of=7))
    other = await _made(_wanted(SECOND, of=8))
    go_on = threading.Event()
    slow = asyncio.create_task(prepared.prepared(_wanted("c" * 64, write=_slowly(go_on), of=7), patient=True))
    await asyncio.sleep(0.1)
    assert prepared.forget(7) == 2
    go_on.set()
    assert await slow is None
    assert shelf.whole() == [other.path]


async def test_a_copy_goes_when_its_conversation_was_crossed_out_by_somebody_else(database: str) -> None:
    case = NadiasCase()
    line = case.add(MessageSaid(by="Nadia", text="My card is 4242 4242 4242 4242."))
    await _made(_wanted(FIRST, of=case.conversation))
    assert shelf.sweep() is True
    says = CrossedOut(of=line, fields=("text",), by="Ruth", reason="A card number.", ground="mistake")
    await asyncio.to_thread(cross_out.cross_out, case.conversation, line, ("text",), says=says, actor="agent:9", key="cross")
    assert shelf.sweep() is False
    assert _left() == []
