"""Many at once, and what the writer does when commands fail, callers go away or the queue is full. The same on both engines."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Self

import pytest
from django.db import transaction

from chat.events.handoff import HandoffClaimed
from chat.events.talk import MessageSaid, MessageSeen
from chat.ledger import announce, event, group, read, routes
from chat.ledger.append import Busy, Command, Fact, Fired, KeyConflict, Receipt, Refused, append, append_sync
from chat.ledger.check import check
from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.models import CaseCounter, Delivery, Due, Event
from chat.ledger.routes import Intent, Placed
from chat.ledger.state import State
from chat.ledger.writer import running_writer
from tests.chat.ledger.cast import NADIA, TOM, new_id, opened, opening, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Kind):
    """Holds whoever folds it while a test keeps the gate shut. Others, who fold every registered kind, meet it with an open gate."""

    name: ClassVar[str] = "test.slow"
    gate: ClassVar[threading.Event] = threading.Event()
    reached: ClassVar[threading.Event] = threading.Event()

    def sentence(self) -> str:
        return "This takes a while."

    def fold(self, state: State, stamp: Stamp) -> State:
        self.reached.set()
        self.gate.wait(20)
        return state

    @classmethod
    def example(cls) -> Self:
        return cls()


Slow.gate.set()


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """The writer is in the middle of a commit until the gate is set."""
    conversation = opened()
    Slow.gate.clear()
    Slow.reached.clear()
    waiting = running_writer().submit(said(conversation, Slow()))
    assert Slow.reached.wait(10)
    yield Slow.gate
    Slow.gate.set()
    waiting.result(20)


def _positions(conversation: int) -> list[int]:
    return [entry.position for entry in read.events(conversation, audience=Audience.AGENTS)]


def test_appends_of_many_threads_leave_no_gap_and_times_rise() -> None:
    conversations = [opened() for _ in range(3)]

    def burst(thread: int) -> list[Receipt]:
        return [say(conversations[n % 3], f"{thread}.{n}", key=f"{thread}.{n}") for n in range(30)]

    with ThreadPoolExecutor(8) as threads:
        receipts = [receipt for burst_of in threads.map(burst, range(8)) for receipt in burst_of]
    assert all(receipt.new for receipt in receipts)
    for conversation in conversations:
        entries = list(read.events(conversation, audience=Audience.AGENTS))
        assert [entry.position for entry in entries] == list(range(1, 82))
        assert all(later.at > earlier.at for earlier, later in itertools.pairwise(entries))
        assert check(conversation) is None


async def test_what_waits_while_a_commit_is_under_way_goes_into_the_next(held: threading.Event) -> None:
    conversation = new_id()
    tasks = [asyncio.create_task(append(opening(conversation)))]
    tasks += [asyncio.create_task(append(said(conversation, f"Line {n}"))) for n in range(100)]
    await asyncio.sleep(0.05)
    assert running_writer().waiting() == 101
    held.set()
    receipts = await asyncio.gather(*tasks)
    assert [receipt.position for receipt in receipts] == list(range(1, 102))


async def test_a_full_queue_says_so_at_once_and_the_key_can_be_used_again(held: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "QUEUE", 3)
    conversation = new_id()
    first = asyncio.create_task(append(opening(conversation)))
    await asyncio.sleep(0)
    others = [asyncio.create_task(append(said(conversation, f"Line {n}", key=f"k{n}"))) for n in range(5)]
    done, _ = await asyncio.wait(others, timeout=0.5)
    assert len(done) == 3
    assert all(isinstance(task.exception(), Busy) for task in done)
    held.set()
    await first
    await asyncio.gather(*others, return_exceptions=True)
    for n in range(5):
        await append(said(conversation, f"Line {n}", key=f"k{n}"))
    assert await read.in_thread(_positions, conversation) == [1, 2, 3, 4, 5, 6]


async def test_a_caller_who_goes_away_takes_nobody_along(held: threading.Event) -> None:
    conversation = await asyncio.get_running_loop().run_in_executor(None, new_id)
    opener = asyncio.create_task(append(opening(conversation)))
    leaving = asyncio.create_task(append(said(conversation, "My last words, then I close the tab.")))
    staying = asyncio.create_task(append(said(conversation, "And I wait.")))
    await asyncio.sleep(0.05)
    leaving.cancel()
    await asyncio.sleep(0.05)
    held.set()
    assert (await opener).new
    assert (await staying).position == 3
    said_last = await read.in_thread(read.entry, conversation, 2)
    assert said_last is not None
    assert said_last.values["text"] == "My last words, then I close the tab."


async def test_a_command_the_database_refuses_does_not_hurt_the_others(held: threading.Event, stubborn: type[Kind]) -> None:
    conversation = new_id()
    opener = append(opening(conversation))
    good = [append(said(conversation, f"Line {n}")) for n in range(20)]
    too_long = Fact(conversation=conversation, body=stubborn(), actor=NADIA, channel="widget", key="stubborn")
    tasks = [asyncio.create_task(call) for call in (opener, *good[:10], append(Command(facts=(too_long,))), *good[10:])]
    await asyncio.sleep(0.05)
    held.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)] == [11]
    assert await read.in_thread(_positions, conversation) == list(range(1, 22))


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> type[Kind]:
    """A kind that folds into something that no column takes; it is known as long as the test runs."""
    monkeypatch.setattr(event, "_kinds", dict(event._kinds))
    monkeypatch.setattr(event, "_current", dict(event._current))

    @dataclass(frozen=True, kw_only=True)
    class Stubborn(Kind):
        name: ClassVar[str] = "test.stubborn"

        def sentence(self) -> str:
            return "No."

        def fold(self, state: State, stamp: Stamp) -> State:
            return state.but(dues={"away": 2**70})

    return Stubborn


@pytest.fixture
def route(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel that carries what agents say to the customer, and no other channel."""

    def to_customer(body: Kind, event: Placed, state: State) -> list[Intent]:
        return [Intent("pigeon", state.customer.ref, not_before=event.position)] if event.actor.startswith("agent:") else []

    monkeypatch.setattr(routes, "_routes", {"pigeon": to_customer})


@pytest.mark.usefixtures("route")
def test_a_delivery_stands_with_the_event_that_speaks() -> None:
    conversation = opened()
    say(conversation, "From Nadia")
    say(conversation, "From Tom", actor=TOM, key="k")
    say(conversation, "From Tom", actor=TOM, key="k")
    say(conversation, MessageSeen(by="Tom", upto=2), actor=TOM)
    row = Delivery.objects.get()
    assert (row.conversation_id, row.position, row.route, row.target, row.not_before) == (conversation, 3, "pigeon", NADIA, 3)


def test_alarms_follow_the_folds() -> None:
    conversation = opened()
    first = say(conversation, "Are you there?", actor=TOM)
    due = Due.objects.get()
    assert (due.conversation_id, due.name, due.at) == (conversation, "away", first.written[0].at + 60_000_000)
    say(conversation, "One more line.", actor=TOM)
    assert Due.objects.get().at == due.at
    say(conversation, MessageSeen(by="Nadia", upto=3))
    assert not Due.objects.exists()


def test_an_alarm_that_was_set_anew_survives_the_ringing_of_the_old_one() -> None:
    conversation = opened()
    say(conversation, "Are you there?", actor=TOM)
    append_sync(said(conversation, "Ringing", actor=TOM, rows=(Fired(conversation=conversation, name="away"),)))
    assert Due.objects.filter(name="away").exists()


def test_quiet_kinds_do_not_move_a_conversation() -> None:
    conversation = opened()
    moved = say(conversation, "Hello")
    say(conversation, MessageSeen(by="Tom", upto=2), actor=TOM)
    head = read.head(conversation)
    assert head is not None
    assert (head.position, head.state.touched_at) == (3, moved.written[0].at)


async def test_listeners_hear_of_every_commit_also_of_repeated_commands() -> None:
    conversation = await read.in_thread(opened)
    heard: list[tuple[int, int]] = []
    stop = announce.listen(conversation, lambda cid, position: heard.append((cid, position)))
    for _ in range(2):
        await append(said(conversation, "Ding", key="k"))
    await asyncio.sleep(0.05)
    stop()
    assert heard == [(conversation, 2), (conversation, 2)]


def test_other_writes_get_their_turn_under_load() -> None:
    conversation = opened()
    enough = threading.Event()

    def keep_busy(thread: int) -> int:
        count = 0
        while not enough.is_set():
            waiting = [running_writer().submit(said(conversation, f"{thread}.{count}.{n}")) for n in range(20)]
            count += len([answer.result(20) for answer in waiting])
        return count

    with ThreadPoolExecutor(3) as threads:
        bursts = [threads.submit(keep_busy, thread) for thread in range(3)]
        try:
            for n in range(20):
                with transaction.atomic():
                    CaseCounter.objects.create(site=100 + n, last=0)
                CaseCounter.objects.filter(site=100 + n).update(last=n)
        finally:
            enough.set()
        written = sum(burst.result() for burst in bursts)
    assert CaseCounter.objects.filter(site__gte=100).count() == 20
    assert Event.objects.count() == written + 1
    assert check(conversation) is None


def test_a_message_of_every_length_is_kept() -> None:
    conversation = opened()
    for size in (1, 4_000, 300_000):
        say(conversation, MessageSaid(by="Nadia", text="ä" * size))
    assert [len(entry.values["text"]) for entry in read.events(conversation, audience=Audience.EVERYONE, after=1)] == [1, 4_000, 300_000]


async def test_a_batch_is_cut_where_its_texts_grow_too_large(held: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "OCTETS", 50_000)
    conversation = new_id()
    tasks = [asyncio.create_task(append(opening(conversation)))]
    tasks += [asyncio.create_task(append(said(conversation, "x" * 20_000))) for _ in range(12)]
    await asyncio.sleep(0.05)
    before = running_writer().stats()
    held.set()
    receipts = await asyncio.gather(*tasks)
    assert [receipt.position for receipt in receipts] == list(range(1, 14))
    after = running_writer().stats()
    assert after.largest <= 4
    assert after.batches - before.batches >= 4


def test_what_is_repeated_is_answered_whatever_its_guard_says_by_now() -> None:
    def nobody_has_it(state: State) -> None:
        if state.assignee:
            raise Refused("Somebody has it.")

    conversation = opened()
    claim = said(conversation, HandoffClaimed.example(), actor=TOM, key="claim", expect=nobody_has_it)
    assert append_sync(claim).new
    assert not append_sync(claim).new
    with pytest.raises(KeyConflict):
        append_sync(said(conversation, "Something else", actor=TOM, key="claim", expect=nobody_has_it))
    with pytest.raises(Refused, match="Somebody"):
        append_sync(said(conversation, HandoffClaimed.example(), actor=TOM, key="another claim", expect=nobody_has_it))


def test_a_writer_says_what_it_has_done() -> None:
    conversation = opened()
    say(conversation, "Hello", key="k")
    say(conversation, "Hello", key="k")
    with pytest.raises(KeyConflict):
        say(conversation, "Bye", key="k")
    stats = running_writer().stats()
    assert (stats.written, stats.refused, stats.batches, stats.largest, stats.waiting, stats.busy) == (2, 1, 4, 1, 0, 0)
    assert (stats.conflicts, stats.careful) == (2, 3)
