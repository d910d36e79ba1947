"""Two writers of one database, as two processes have them: what one remembers the other may have moved. The same on both engines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from django.db import connection

from chat.events.handoff import HandoffClaimed
from chat.ledger import read
from chat.ledger.append import Busy, Command, Fact, NoSuchConversation, Receipt, Refused, append_sync
from chat.ledger.check import check
from chat.ledger.event import Audience
from chat.ledger.group import StoreAway, Writer
from chat.ledger.models import CaseCounter, Conversation, Event
from chat.ledger.state import State
from chat.ledger.writer import running_writer
from tests.chat.ledger.cast import INES, NADIA, TOM, new_id, opened, opening, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@pytest.fixture
def other() -> Iterator[Writer]:
    """A second writer with a loop, a connection and a memory of its own."""
    with _living(type(running_writer())) as writer:
        yield writer


@contextmanager
def _living(kind: type[Writer]) -> Iterator[Writer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    writer = kind(loop)
    yield writer
    asyncio.run_coroutine_threadsafe(writer.stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


def _texts(conversation: int) -> list[str]:
    return [str(entry.values.get("text", "")) for entry in read.events(conversation, audience=Audience.AGENTS, after=1)]


def test_whoever_was_overtaken_decides_anew(other: Writer) -> None:
    conversation = opened()
    for n in range(5):
        say(conversation, f"here {n}")
        assert other.submit(said(conversation, f"there {n}")).result(20).position == 2 * n + 3
    assert _texts(conversation) == [f"{where} {n}" for n in range(5) for where in ("here", "there")]
    assert check(conversation) is None
    assert running_writer().stats().conflicts == 4


def test_guards_are_asked_about_what_the_other_has_written(other: Writer) -> None:
    def nobody_has_it(state: State) -> None:
        if state.assignee:
            raise Refused(f"{state.assignee_name} has it.")

    conversation = opened()
    say(conversation, "Anybody?")
    other.submit(said(conversation, HandoffClaimed.example(), actor=TOM)).result(20)
    with pytest.raises(Refused, match="has it"):
        append_sync(said(conversation, HandoffClaimed.example(), actor=INES, expect=nobody_has_it))

    def somebody_has_it(state: State) -> None:
        if not state.assignee:
            raise Refused("Nobody has it.")

    another = opened()
    with pytest.raises(Refused, match="Nobody"):
        append_sync(said(another, "Mine", expect=somebody_has_it))
    other.submit(said(another, HandoffClaimed.example(), actor=TOM)).result(20)
    assert append_sync(said(another, "Mine", expect=somebody_has_it)).position == 3


def test_a_key_the_other_has_written_is_the_same_event(other: Writer) -> None:
    conversation = opened()
    say(conversation, "Hello")
    assert other.submit(said(conversation, "Twice", key="k")).result(20).new
    again = say(conversation, "Twice", key="k")
    assert (again.position, again.new) == (3, False)


def test_a_conversation_the_other_opens_is_found(other: Writer) -> None:
    conversation = new_id()
    with pytest.raises(NoSuchConversation):
        say(conversation, "Too early")
    other.submit(opening(conversation, key="tab", first="Hello")).result(20)
    assert say(conversation, "Now").position == 3
    assert append_sync(opening(new_id(), key="tab", first="Hello")).conversation == conversation


def test_what_is_written_is_acknowledged_though_the_store_goes_away_right_after() -> None:
    class CutOff(type(running_writer())):  # type: ignore[misc]  # whichever engine it is
        async def _read_stored(self, keys: object) -> NoReturn:
            raise StoreAway("OperationalError")

    def never(state: State) -> None:
        raise Refused("Not now.")

    conversation = opened()
    with _living(CutOff) as writer:

        async def together() -> list[Any]:
            answers = [writer.enter(said(conversation, "Written")), writer.enter(said(conversation, "Refused", expect=never))]
            return await asyncio.gather(*answers, return_exceptions=True)

        written, refused = asyncio.run_coroutine_threadsafe(together(), writer.loop).result(20)
    assert isinstance(written, Receipt) and written.position == 2
    assert isinstance(refused, Busy), "whether it was written before nobody knows"
    assert _texts(conversation) == ["Written"]


def test_many_at_once_through_two_writers_lose_nothing_and_do_not_wait_in_a_circle(other: Writer) -> None:
    conversations = [opened() for _ in range(6)]
    writers = (running_writer(), other)

    def burst(thread: int) -> int:
        writer, new = writers[thread % 2], 0
        for n in range(12):
            waiting = [writer.submit(_moves_two(conversations, thread, n + k)) for k in range(6)]
            waiting.append(writer.submit(opening(new_id(), site=1 + (thread + n) % 3)))
            waiting.append(writer.submit(said(conversations[n % 6], "again and again", key=f"same-{n}")))
            new += sum(answer.result(60).new for answer in waiting)
        return new

    with ThreadPoolExecutor(6) as threads:
        written = sum(threads.map(burst, range(6)))
    # Of six threads that say the same under the same key, one is the first.
    assert written == 6 * 12 * (6 + 1) + 12
    assert Event.objects.count() == 6 + 6 * 12 * (6 * 2 + 1) + 12
    for conversation in Conversation.objects.values_list("id", flat=True):
        assert check(conversation) is None
    for counter in CaseCounter.objects.all():
        numbers = sorted(Conversation.objects.filter(site=counter.site).values_list("number", flat=True))
        assert numbers == list(range(1, counter.last + 1))
    assert _deadlocks() == 0


def _deadlocks() -> int:
    """How often the server had to break a circle; SQLite has one lock and knows none."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return 0
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _moves_two(conversations: list[int], thread: int, n: int) -> Command:
    """Facts in two conversations, named in any order."""
    first, second = conversations[(thread + n) % 6], conversations[(5 * thread + 3 * n + 1) % 6]
    if first == second:
        second = conversations[(conversations.index(first) + 1) % 6]
    body = said(first, f"{thread}.{n}").facts[0].body
    key = said(first, "").facts[0].key
    return Command(facts=tuple(Fact(conversation=c, body=body, actor=NADIA, channel="widget", key=key) for c in (first, second)))
