"""Group commit on SQLite: one connection in one thread, `BEGIN IMMEDIATE`, WAL, `synchronous=FULL`; the loop goes on meanwhile.

Knows SQLite's SQL and nothing of what is written. Other writers of this process wait in line behind the same fair lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any, TypeVar

import orjson
from django.db import connections

from chat.ledger import crossing
from chat.ledger.append import Command
from chat.ledger.batch import Head, Known, Rows, Stored, put_together
from chat.ledger.columns import CONVERSATION_COLUMNS, EVENT_COLUMNS, ON_ITS_WAY, conversation_row
from chat.ledger.group import StoreAway
from chat.ledger.optimistic import Done, Key, OptimisticWriter
from chat.ledger.sqlite.turn import turn
from chat.ledger.state import from_json

T = TypeVar("T")

BUSY_TIMEOUT = 5_000
"""Milliseconds to wait for a lock that another process holds."""
_AT_ONCE = (64, 16, 4, 1)
"""Rows in one statement. Each step of a statement gives Python's lock away and waits to get it back from a busy loop: few steps."""
_CHANGING = [column for column in CONVERSATION_COLUMNS if column not in ("id", "site", "number")]
_EVENTS = (f"INSERT INTO chat_event ({', '.join(EVENT_COLUMNS)})", "")
_CONVERSATIONS = (
    f"INSERT INTO chat_conversation ({', '.join(CONVERSATION_COLUMNS)})",
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _CHANGING)}",
)


class SqliteWriter(OptimisticWriter):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._connection: sqlite3.Connection | None = None
        settings = connections["default"].settings_dict
        self._path = str(settings["NAME"])
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger-sqlite")
        super().__init__(loop)

    async def _read_heads(self, conversations: Collection[int]) -> dict[int, Head]:
        return await self._in_thread(_heads, conversations)

    async def _read_stored(self, keys: Sequence[Key]) -> dict[Key, Stored]:
        return await self._in_thread(_stored, keys)

    async def _unmoved(self, before: Mapping[int, Head]) -> bool:
        return await self._in_thread(_stands, before)

    async def _write_if_unmoved(self, rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> bool:
        return await self._in_thread(_write_if_unmoved, rows, after, before)

    async def _with_care(self, commands: Sequence[Command]) -> Done:
        return await self._in_thread(self._carefully, commands)

    def _carefully(self, connection: sqlite3.Connection, commands: Sequence[Command]) -> Done:
        with turn, _immediate(connection):
            known, counters = _load(connection, commands)
            outcomes, rows = put_together(commands, known, now=self.clock())
            if rows.touched:
                _write(connection, rows, known.heads, counters)
        return Done(outcomes, rows, known.heads)

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        def with_connection() -> T:
            try:
                return work(self._open(), *arguments)
            except sqlite3.OperationalError as problem:
                # Full disk, read-only folder, locked by another process: nothing of the batch was written.
                self._close_file()
                raise StoreAway(str(problem)) from problem

        return await asyncio.get_running_loop().run_in_executor(self._thread, with_connection)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            # secure_delete: what a row said before it was crossed out or folded anew is overwritten with zeros, not just forgotten.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
        return self._connection

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close_file)
        self._thread.shutdown(wait=False)


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Moved(Exception):
    """A conversation does not stand where it was believed to: the transaction is taken back."""


def _write_if_unmoved(connection: sqlite3.Connection, rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> bool:
    try:
        with turn, _immediate(connection):
            if not _stands(connection, before):
                raise _Moved
            _write(connection, rows, after, {})
    except (_Moved, sqlite3.IntegrityError):
        return False
    return True


def _stands(connection: sqlite3.Connection, before: Mapping[int, Head]) -> bool:
    believed = _json([[cid, head.position, head.seal.hex().upper()] for cid, head in before.items()])
    count: int = connection.execute(
        "SELECT count(*) FROM json_each(?) AS j CROSS JOIN chat_conversation AS c "
        "ON c.id = j.value ->> 0 AND c.position = j.value ->> 1 AND hex(c.head) = j.value ->> 2",
        (believed,),
    ).fetchone()[0]
    return count == len(before)


def _heads(connection: sqlite3.Connection, conversations: Collection[int]) -> dict[int, Head]:
    return {
        row[0]: Head(site=row[1], number=row[2], position=row[3], seal=row[4], at=row[5], state=from_json(row[6]))
        for row in connection.execute(
            "SELECT id, site, number, position, head, last_at, state FROM chat_conversation WHERE id IN (SELECT value FROM json_each(?))",
            (_json(sorted(conversations)),),
        )
    }


def _stored(connection: sqlite3.Connection, keys: Sequence[Key]) -> dict[Key, Stored]:
    return {
        (row[0], row[1], row[2]): Stored(row[0], row[3], row[4], row[5], row[6])
        for row in connection.execute(
            "SELECT e.conversation_id, e.actor, e.key, e.position, e.at, e.kind, e.body FROM json_each(?) AS j "
            "CROSS JOIN chat_event AS e ON e.conversation_id = j.value ->> 0 AND e.actor = j.value ->> 1 AND e.key = j.value ->> 2",
            (_json(keys),),
        )
    }


def _load(connection: sqlite3.Connection, commands: Sequence[Command]) -> tuple[Known, dict[int, int]]:
    openings: dict[tuple[int, str, str], int] = {}
    counters: dict[int, int] = {}
    moved: dict[int, int] = {}
    for opens in (c.opens for c in commands if c.opens is not None):
        key = (opens.site, opens.source, opens.key)
        found = connection.execute("SELECT conversation_id FROM chat_opening WHERE site = ? AND source = ? AND key = ?", key).fetchone()
        if found:
            openings[key] = moved[opens.conversation] = found[0]
        if opens.site not in counters:
            last = connection.execute("SELECT last FROM chat_casecounter WHERE site = ?", (opens.site,)).fetchone()
            counters[opens.site] = last[0] if last else 0
    heads = _heads(connection, {f.conversation for c in commands for f in c.facts} | set(moved.values()))
    events = _stored(connection, [(moved.get(f.conversation, f.conversation), f.actor, f.key) for c in commands for f in c.facts])

    def next_number(site: int) -> int:
        counters[site] += 1
        return counters[site]

    return Known(heads, openings, events, next_number), counters


def _write(connection: sqlite3.Connection, rows: Rows, heads: Mapping[int, Head], counters: Mapping[int, int]) -> None:
    def insert(statement: tuple[str, str], values: Sequence[tuple[Any, ...]]) -> None:
        start = 0
        for size in _AT_ONCE:
            while len(values) - start >= size:
                some = values[start : start + size]
                connection.execute(_with_rows(statement, len(some[0]), size), tuple(chain.from_iterable(some)))
                start += size

    insert(("INSERT INTO chat_casecounter (site, last)", "ON CONFLICT (site) DO UPDATE SET last = excluded.last"), list(counters.items()))
    insert(_CONVERSATIONS, [conversation_row(cid, heads[cid]) for cid in rows.touched])
    insert(("INSERT INTO chat_opening (site, source, key, conversation_id)", ""), rows.openings)
    insert(_EVENTS, rows.events)
    insert(("INSERT INTO chat_participant (conversation_id, ref)", "ON CONFLICT DO NOTHING"), rows.participants)
    insert(("INSERT INTO chat_outsidename (namespace, value, conversation_id, position)", "ON CONFLICT DO NOTHING"), rows.names)
    insert(
        (
            "INSERT INTO chat_delivery (conversation_id, position, route, target, not_before, created_at, state, lease, attempts) "
            "SELECT *, 'queued', 0, 0 FROM (",
            ")",
        ),
        rows.deliveries,
    )
    connection.executemany(
        "UPDATE chat_delivery SET state = ?1, not_before = ?2, lease = 0 "
        f"WHERE id = ?3 AND (state IN {ON_ITS_WAY} OR ?1 NOT IN {ON_ITS_WAY})",
        [(t.state, t.not_before, t.delivery) for t in rows.told],
    )
    connection.executemany("DELETE FROM chat_due WHERE conversation_id = ? AND name = ?", list(rows.dues_gone))
    insert(
        ("INSERT INTO chat_due (conversation_id, name, at)", "ON CONFLICT (conversation_id, name) DO UPDATE SET at = excluded.at"),
        [(cid, name, at) for (cid, name), at in rows.dues_set.items()],
    )
    insert(('INSERT INTO chat_attachment (conversation_id, position, "index", digest, audience)', ""), rows.attachments)
    if rows.crossings:
        _cross_out(connection, crossing.carry_out(rows.crossings, heads))


def _cross_out(connection: sqlite3.Connection, steps: crossing.Steps) -> None:
    rows: list[tuple[Any, ...]] | None = None
    while True:
        try:
            sql, parameters = steps.send(rows)
        except StopIteration:
            return
        rows = connection.execute(sql.replace("%s", "?"), parameters).fetchall()


@cache
def _with_rows(statement: tuple[str, str], width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"{statement[0]} VALUES {', '.join([row] * count)} {statement[1]}"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
