"""Prepared files stay within the room there is for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from chat.transcripts.prepared import prepared

FIRST, SECOND = "a" * 64, "b" * 64


def _text() -> Iterator[bytes]:
    yield b"Nadia: My lamp came with a dent.\n"


def _slowly(go_on: threading.Event) -> Callable[[], Iterator[bytes]]:
    def write() -> Iterator[bytes]:
        yield from _text()
        go_on.wait(20)

    return write


async def test_one_file_is_written_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    go_on = threading.Event()
    slow = asyncio.create_task(prepared(FIRST, _slowly(go_on)))
    try:
        await asyncio.sleep(0.1)
        assert await prepared(SECOND, _text) is None, "the second download comes whole instead"
    finally:
        go_on.set()
    path = await slow
    assert path is not None and path.read_bytes() == b"".join(_text())
    assert await prepared(SECOND, _text) is not None
