"""Keeps the index of words up with the feed: read in batches, resumed where it stopped, never part of an append.

A word is found about a second after it was said. What is crossed out leaves the index in the transaction that crosses it out.
Knows neither pages nor who may search.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import structlog
from django.db import DatabaseError, connections, transaction

from chat.ledger import announce, follow, words
from chat.ledger.read import in_thread
from chat.ledger.search_terms import Row, marked
from chat.ledger.sql import Steps, ask

log = structlog.get_logger()

EDITION = 1
"""How words are made. Change it with `words` or the kinds' `searched`, and the index is made anew from the first event."""
GATHER = 0.3
"""Seconds to wait after a bell, so that one batch takes what is said in short succession."""
PERIOD = 2.0
"""Seconds after which the feed is looked at without a bell."""
SHARE = 0.1
"""Part of the time that may be spent while more is written than read here: who writes goes first."""
_NAME = "search"
_MOST_KNOWN = 100_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What one batch did: events looked at, and whether as many as fit."""

    events: int = 0
    full: bool = False


@dataclass(frozen=True, slots=True)
class _Standing:
    edition: int
    place: follow.Place
    crossings: int


def engine() -> ModuleType:
    """The index of words of this database's engine."""
    from chat.ledger import search_postgres, search_sqlite

    return search_postgres if connections["default"].vendor == "postgresql" else search_sqlite


async def run(stopping: asyncio.Event) -> None:
    """Follow the feed until `stopping`."""
    bell = asyncio.Event()
    end = 0
    while not stopping.is_set():
        begun = time.monotonic()
        try:
            taken = await in_thread(take_in)
            before, end = end, (await in_thread(follow.end)).id if taken.full else end
        except DatabaseError as problem:  # goes on where it stood
            log.warning("search_interrupted", problem=type(problem).__name__)
            taken = Taken()
        if taken.full:
            busy = end - before > taken.events
            await _wait(stopping, (time.monotonic() - begun) * (1 / SHARE - 1) if busy else 0)
            continue
        if not taken.events:
            await _next_bell(stopping, bell)
        await _wait(stopping, GATHER)


def take_in(limit: int | None = None) -> Taken:
    """Take the next events of the feed into the index, as many as suit the engine.

    Several processes may try: one does it, for the others there is nothing.
    """
    limit = engine().BATCH if limit is None else limit
    standing = _standing()
    if standing is None or standing.edition != EDITION:
        return _begin_anew()
    events = follow.stored(standing.place, limit=limit)
    if not events:
        return Taken()
    found = [(event, *words.of_event(event.kind, event.version, event.values())) for event in events]
    fresh = _known.unknown({word for _, every, _ in found for word in every}, standing.crossings)
    with transaction.atomic():
        if _standing(hold=True) != standing:
            return Taken()
        ((last,),) = ask("SELECT coalesce(max(id), 0) FROM chat_search")
        having = [(event, marked(every, people, event.site)) for event, every, people in found if every]
        rows = [Row(n, e.conversation, e.position, e.site, e.at, every) for n, (e, every) in enumerate(having, last + 1)]
        if rows:
            engine().insert(ask, rows)
        if fresh:
            engine().learn(ask, fresh)
        place = events[-1].place
        ask("UPDATE chat_follower SET tx = %s, event = %s WHERE name = %s RETURNING 1", place.tx, place.id, _NAME)
    _known.learnt(fresh, standing.crossings)
    return Taken(len(events), full=len(events) == limit)


def take_in_all() -> None:
    """Bring the index up with everything that is safe to read now."""
    while take_in().events:
        pass


def cross_out(conversation: int, position: int, *, kind: str, version: int, site: int, left: Mapping[str, Any]) -> Steps:
    """Leave of an event's words only those of the fields that are left. Part of the writer's transaction."""
    # First of all: it makes a batch that was read before this crossing give up, and waits for one that is being written.
    yield "UPDATE chat_follower SET crossings = crossings + 1 WHERE name = %s RETURNING crossings", (_NAME,)
    standing = yield from engine().words_of(conversation, position)
    if standing is None:
        return
    number, before = standing
    every, people = words.of_event(kind, version, left)
    row = Row(number, conversation, position, site, 0, marked(every, people, site))
    yield from engine().replace(row, before)
    gone = {word for word in before if word[0] not in "@~"} - every
    if gone:
        yield from engine().forget(gone)


class _Known:
    """Words that are in the list of words for certain, to save asking. Forgotten at every crossing, which may have taken some out."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._crossings = -1
        self._database = ""

    def unknown(self, asked: set[str], crossings: int) -> set[str]:
        database = str(connections["default"].settings_dict["NAME"])
        if (self._crossings, self._database) != (crossings, database) or len(self._words) > _MOST_KNOWN:
            self._words, self._crossings, self._database = set(), crossings, database
        return asked - self._words

    def learnt(self, fresh: set[str], crossings: int) -> None:
        if crossings == self._crossings:
            self._words |= fresh


_known = _Known()


def _begin_anew() -> Taken:
    with transaction.atomic():
        if _standing(hold=True) is None:
            return Taken()
        engine().empty(ask)
        ask(
            "UPDATE chat_follower SET edition = %s, tx = 0, event = 0, crossings = crossings + 1 WHERE name = %s RETURNING 1",
            EDITION,
            _NAME,
        )
    return Taken(1)


def _standing(*, hold: bool = False) -> _Standing | None:
    """How far the index is; with `hold` nobody else may write it in this transaction, and None says that somebody does."""
    lock = " FOR UPDATE SKIP LOCKED" if hold and connections["default"].vendor == "postgresql" else ""
    rows = ask(f"SELECT edition, tx, event, crossings FROM chat_follower WHERE name = %s{lock}", _NAME)
    return _Standing(rows[0][0], follow.Place(rows[0][1], rows[0][2]), rows[0][3]) if rows else None


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


async def _next_bell(stopping: asyncio.Event, bell: asyncio.Event) -> None:
    """Wait for somebody to write something. Listens only now: a busy ledger rings thousands of times a second."""
    bell.clear()
    stop = announce.listen(None, lambda _conversation, _position: bell.set())
    waiting = [asyncio.ensure_future(event.wait()) for event in (bell, stopping)]
    try:
        await asyncio.wait(waiting, timeout=PERIOD, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop()
        for task in waiting:
            task.cancel()
