"""What an event costs where it stays: rows, octets on disk with every index, and octets of PostgreSQL's write-ahead log. The sums of
docs/operations.md are made from these; a figure is of one event and the same on every machine.

The conversations are short ones: opened, two questions, two answers of which one goes out by mail, a note, a closing.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.figures import Figure, Plan

FLYING = 64
"""Conversations told at once."""
TEXT = "The shade of my Heron lamp has a dent on the left side, near the rim. I have put a picture of it below. Order B-10482."
COUNTED = "SELECT sum(n_tup_ins + n_tup_upd) FROM pg_stat_user_tables WHERE relname LIKE 'chat\\_%'"
STORED = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE relname LIKE 'chat\\_%'"
LOGGED = "SELECT pg_current_wal_insert_lsn() - '0/0'"


@dataclass(frozen=True, slots=True)
class Size:
    rows: float
    stored: float
    logged: float


def figures(plan: Plan) -> Iterator[Figure]:
    name = f"bench_{secrets.token_hex(4)}"
    database = urlsplit(plan.postgres)._replace(path=f"/{name}").geturl()
    _say(plan.postgres, f"CREATE DATABASE {name}")
    try:
        _set_up(plan, database)
        rounds = [_round(database, 100 if plan.quick else 500) for _ in range(plan.rounds)]
    finally:
        _say(plan.postgres, f"DROP DATABASE {name} WITH (FORCE)")
    for key, title, unit, values in (
        ("growth.rows", "Rows written or changed for an event, PostgreSQL", "rows", [size.rows for size in rounds]),
        ("growth.stored", "On disk for an event with every index, PostgreSQL", "KB", [size.stored / 1000 for size in rounds]),
        ("growth.logged", "Write-ahead log for an event, PostgreSQL", "KB", [size.logged / 1000 for size in rounds]),
    ):
        yield Figure(key=key, title=title, a="an event of a short conversation", b="", unit=unit, values_a=tuple(values))


def _set_up(plan: Plan, database: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "THROUGHLINE_MODE": "test",
        "THROUGHLINE_DATA": str(plan.folder / "growth"),
        "THROUGHLINE_DATABASE": database,
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _round(database: str, conversations: int) -> Size:
    before = _state(database)
    events = asyncio.run(_many(conversations))
    after = _state(database)
    return Size(*((now - then) / events for now, then in zip(after, before, strict=True)))


async def _many(conversations: int) -> int:
    from chat.ledger import writer

    await writer.live_here()
    places = asyncio.Semaphore(FLYING)

    async def one() -> int:
        async with places:
            return await _told()

    told = await asyncio.gather(*(one() for _ in range(conversations)))
    await writer.leave()
    return sum(told)


async def _told() -> int:
    """One short conversation. Returns how many events it has."""
    from chat.events.lifecycle import ConversationClosed, ConversationOpened
    from chat.events.talk import MessageSaid, NoteAdded
    from chat.ledger.append import Command, Fact, Joins, Opens, append

    cid = secrets.randbits(62) | 1
    customer, agent = f"customer:{cid % 100_000}", f"agent:{cid % 100}"
    opened = ConversationOpened(by="Nadia", customer=customer, subject="Dented shade", address="nadia@customer.example")
    first = Command(
        facts=(_fact(Fact, cid, opened, customer, "widget"),),
        opens=Opens(conversation=cid, site=1, source="widget", key=str(cid)),
        rows=(Joins(conversation=cid, ref=customer),),
    )
    await append(first)
    said: list[tuple[Any, str, str]] = [
        (MessageSaid(by="Nadia", text=TEXT), customer, "widget"),
        (MessageSaid(by="Tom", text=TEXT), agent, "widget"),
        (NoteAdded(by="Tom", text=TEXT), agent, "inbox"),
        (MessageSaid(by="Nadia", text=TEXT), customer, "widget"),
        (MessageSaid(by="Tom", text=TEXT), agent, "email"),
        (ConversationClosed(by="Tom", outcome="answered"), agent, "inbox"),
    ]
    for body, actor, channel in said:
        await append(Command(facts=(_fact(Fact, cid, body, actor, channel),)))
    return 1 + len(said)


def _fact(kind: Any, conversation: int, body: Any, actor: str, channel: str) -> Any:
    return kind(conversation=conversation, body=body, actor=actor, channel=channel, key=secrets.token_hex(16))


def _state(database: str) -> tuple[float, float, float]:
    """Rows, octets stored and octets logged so far; without what the next vacuum takes back."""
    time.sleep(1.2)  # a connection tells its counts once a second
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        logged = connection.execute(LOGGED).fetchone()
        connection.execute("VACUUM")
        found = [connection.execute(query).fetchone() for query in (COUNTED, STORED)]
    return tuple(float(row[0]) if row else 0.0 for row in (*found, logged))  # type: ignore[return-value]  # three of them


def _say(server: str, statement: str) -> None:
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(statement.encode())
