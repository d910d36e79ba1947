"""The feed of all events skips none, whatever is written at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat.ledger.follow import START, Place, end, feed
from tests.chat.ledger.cast import opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def test_the_feed_gives_every_entry_once_in_order_and_resumes() -> None:
    conversations = [opened(first="Hello") for _ in range(5)]
    for conversation in conversations:
        say(conversation, "Again")
    seen: list[tuple[int, int]] = []
    place = START
    while page := feed(place, limit=4):
        seen += [(followed.entry.conversation, followed.entry.position) for followed in page]
        place = page[-1].place
    assert len(seen) == len(set(seen)) == 15
    for conversation in conversations:
        assert [position for cid, position in seen if cid == conversation] == [1, 2, 3]
    assert place == end()
    assert feed(place) == []


def test_a_place_survives_being_written_down() -> None:
    opened()
    place = feed()[-1].place
    assert Place(*[int(number) for number in f"{place.tx} {place.id}".split()]) == place


def test_the_end_of_nothing_is_the_start() -> None:
    assert end() == START


def test_a_follower_beside_many_writers_misses_nothing() -> None:
    conversations = [opened() for _ in range(3)]
    done = threading.Event()
    seen: list[tuple[int, int]] = []

    def follow() -> None:
        place = START
        while True:
            last = done.is_set()
            page = feed(place, limit=7)
            seen.extend((followed.entry.conversation, followed.entry.position) for followed in page)
            place = page[-1].place if page else place
            if last and not page:
                connection.close()
                return

    with ThreadPoolExecutor(4) as threads:
        follower = threads.submit(follow)
        for burst in [threads.submit(lambda cid: [say(cid, f"{n}") for n in range(40)], cid) for cid in conversations]:
            burst.result()
        done.set()
        follower.result()
    assert sorted(seen) == sorted((cid, position) for cid in conversations for position in range(1, 42))
