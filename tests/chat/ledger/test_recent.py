"""What is kept of busy conversations says the same as the ledger, or nothing. The same on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chat.ledger import announce, read, recent
from chat.ledger.append import append
from chat.ledger.cross_out import cross_out
from chat.ledger.event import Audience, kinds
from chat.ledger.read import Entry, in_thread
from tests.chat.ledger.cast import TOM, crossed, opened, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@contextmanager
def followed(conversation: int) -> Iterator[None]:
    stop = announce.listen(conversation, lambda *_: None)
    try:
        yield
    finally:
        stop()


def _stored(conversation: int, after: int = 0) -> list[Entry]:
    return list(read.events(conversation, audience=Audience.AGENTS, after=after))


async def test_an_entry_of_every_kind_reads_as_it_will_be_read_from_the_ledger() -> None:
    conversation = await in_thread(opened)
    with followed(conversation):
        for kind in kinds():
            position = (await append(said(conversation, kind.example(), actor=TOM))).position
            kept = recent.after(conversation, position - 1, upto=position)
            stored = await in_thread(_stored, conversation, position - 1)
            assert kept and kept == stored, kind.name
    head = await in_thread(read.head, conversation)
    assert recent.head(conversation) == head


async def test_what_nobody_follows_is_not_kept() -> None:
    conversation = await in_thread(opened)
    await append(said(conversation, "Hello"))
    assert recent.head(conversation) is None and recent.after(conversation, 1, upto=2) is None


async def test_a_gap_is_left_to_the_ledger() -> None:
    conversation = await in_thread(opened)
    with followed(conversation):
        await append(said(conversation, "Hello"))
        assert recent.after(conversation, 0, upto=2) is None, "the opening was before anybody followed"
        assert recent.after(conversation, 1, upto=3) is None, "another process wrote more than is known here"
        assert [entry.position for entry in recent.after(conversation, 1, upto=2) or ()] == [2]
        assert recent.after(conversation, 2, upto=2) == []


async def test_only_the_latest_entries_are_kept() -> None:
    conversation = await in_thread(opened)
    with followed(conversation):
        for number in range(recent.ENTRIES + 10):
            await append(said(conversation, f"Line {number}"))
        last = recent.ENTRIES + 11
        assert recent.after(conversation, 5, upto=last) is None
        kept = recent.after(conversation, last - 10, upto=last)
        assert kept == await in_thread(_stored, conversation, last - 10)


def _cross(conversation: int) -> None:
    cross_out(conversation, 2, ("text",), says=crossed(2, "text"), actor="agent:1", key="x")


async def test_what_is_crossed_out_is_kept_no_longer() -> None:
    conversation = await in_thread(opened)
    with followed(conversation):
        await append(said(conversation, "My card is 4111-1111-1111-1111."))
        await in_thread(_cross, conversation)
        kept = recent.after(conversation, 1, upto=3)
        assert kept is None or not any("4111" in str(entry) for entry in kept)
        await in_thread(say, conversation, "Thank you.")
        assert recent.after(conversation, 1, upto=4) is None


async def test_bodies_are_bounded_over_all_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "OCTETS", 20_000)
    first, second = await in_thread(opened), await in_thread(opened)
    with followed(first), followed(second):
        await append(said(first, "x" * 15_000))
        await append(said(second, "x" * 15_000))
        assert recent.head(first) is None and recent.head(second) is not None


async def test_many_small_entries_are_bounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "OCTETS", 12 * recent.BESIDE)
    first, second = await in_thread(opened), await in_thread(opened)
    with followed(first), followed(second):
        for conversation in (first, second):
            for _ in range(6):
                await append(said(conversation, "Hm."))
        assert recent.head(first) is None and recent.head(second) is not None
