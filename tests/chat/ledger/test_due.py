"""Alarms ring once each; a store that is away, or one alarm that fails, silences nothing for good."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from chat.events.lifecycle import ConversationSnoozed, ConversationWoken
from chat.ledger import announce, due, read, writer
from chat.ledger.append import Command, Fired
from chat.ledger.models import Due
from chat.ledger.read import Head
from server import sweep
from tests.chat.ledger.cast import TOM, opened, said, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


@pytest.fixture
def broken() -> Iterator[int]:
    """A conversation whose alarm cannot be rung, however often it is tried."""
    conversation = opened()
    whole = due._rings["snooze"]

    def ring(found: Head, name: str, key: str) -> Command | None:
        if found.conversation == conversation:
            raise ZeroDivisionError
        return whole(found, name, key)

    due.register_alarm("snooze", ring)
    yield conversation
    due.register_alarm("snooze", whole)


def status(conversation: int) -> str:
    head = read.head(conversation)
    assert head is not None
    return head.state.status


def aside(conversation: int) -> None:
    say(conversation, ConversationSnoozed(by="Tom", until=time.time_ns() // 1000 - 1), actor=TOM, channel="inbox")


async def test_one_alarm_that_fails_does_not_silence_the_next(broken: int) -> None:
    aside(broken)
    other = opened()
    aside(other)
    assert await due.ring_due(time.time_ns() // 1000) == 1
    assert (status(broken), status(other)) == ("snoozed", "open")


async def test_the_clock_goes_on_when_the_store_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "PERIOD", 0.02)
    conversation = opened()
    aside(conversation)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_due RENAME TO chat_due_away")
    stopping = asyncio.Event()
    clock = asyncio.create_task(due.run(stopping))
    await asyncio.sleep(0.2)
    assert not clock.done()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_due_away RENAME TO chat_due")
    for _ in range(500):
        if status(conversation) == "open":
            break
        await asyncio.sleep(0.02)
    assert status(conversation) == "open"
    stopping.set()
    await clock


async def test_a_sweep_survives_a_store_that_is_away() -> None:
    conversation = opened()
    stop = announce.listen(conversation, lambda *_: None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_conversation RENAME TO chat_conversation_away")
    assert not await sweep.sweep_once()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_conversation_away RENAME TO chat_conversation")
    stop()


def test_an_alarm_that_is_set_anew_in_the_commit_that_rang_it_has_another_key() -> None:
    conversation = opened()
    aside(conversation)
    before = Due.objects.get(conversation_id=conversation, name="snooze").pk
    rang = said(conversation, ConversationWoken(), actor="system", rows=(Fired(conversation=conversation, name="snooze"),))
    anew = said(conversation, ConversationSnoozed(by="Tom", until=time.time_ns() // 1000 + 10**9), actor=TOM)
    running = writer.running_writer()
    held, go = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        held.set()
        go.wait(10)

    # While one commit is held up, the next two commands gather into one.
    first = running.submit(said(conversation, "One moment.", actor=TOM, expect=hold))
    assert held.wait(10)
    waiting = [running.submit(rang), running.submit(anew)]
    go.set()
    for answer in (first, *waiting):
        answer.result(10)
    assert Due.objects.get(conversation_id=conversation, name="snooze").pk != before
