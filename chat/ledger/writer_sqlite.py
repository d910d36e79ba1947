"""Group commit on SQLite: one thread, one connection, `BEGIN IMMEDIATE`, WAL, `synchronous=FULL`.

Knows SQLite's SQL and nothing of what is written. Other writers of this process wait in line behind the same fair lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from django.db import connections

from chat.ledger import crossing
from chat.ledger.append import Command
from chat.ledger.batch import Head, Known, Outcome, Rows, Stored, put_together
from chat.ledger.columns import CONVERSATION_COLUMNS, EVENT_COLUMNS, ON_ITS_WAY, conversation_row, event_row
from chat.ledger.sqlite.turn import turn
from chat.ledger.state import from_json
from chat.ledger.writer import StoreAway, Writer

BUSY_TIMEOUT = 5_000
"""Milliseconds to wait for a lock that another process holds."""
_EVENTS = f"INSERT INTO chat_event ({', '.join(EVENT_COLUMNS)}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"
_CONVERSATIONS = (
    f"INSERT INTO chat_conversation ({', '.join(CONVERSATION_COLUMNS)}) VALUES ({', '.join('?' * len(CONVERSATION_COLUMNS))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in CONVERSATION_COLUMNS if c not in ('id', 'site', 'number'))}"
)


class SqliteWriter(Writer):
    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        settings = connections["default"].settings_dict
        self._path = str(settings["NAME"])
        super().__init__()

    def _commit(self, commands: Sequence[Command]) -> list[Outcome]:
        try:
            connection = self._open()
            with turn, _immediate(connection):
                known, counters = _load(connection, commands)
                outcomes, rows = put_together(commands, known, now=self.clock())
                if rows.touched:
                    _write(connection, rows, known, counters)
            return outcomes
        except sqlite3.OperationalError as problem:
            # Full disk, read-only folder, locked by another process: nothing of the batch was written.
            self._close()
            raise StoreAway(str(problem)) from problem

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            # secure_delete: what a row said before it was crossed out or folded anew is overwritten with zeros, not just forgotten.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Any:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


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
    ids = {f.conversation for c in commands for f in c.facts} | set(moved.values())
    heads = {
        row[0]: Head(site=row[1], number=row[2], position=row[3], seal=row[4], at=row[5], state=from_json(row[6]))
        for row in connection.execute(
            "SELECT id, site, number, position, head, last_at, state FROM chat_conversation WHERE id IN (SELECT value FROM json_each(?))",
            (_json(sorted(ids)),),
        )
    }
    keys = [[moved.get(f.conversation, f.conversation), f.actor, f.key] for c in commands for f in c.facts]
    events = {
        (row[0], row[1], row[2]): Stored(row[0], row[3], row[4], row[5], row[6])
        for row in connection.execute(
            "SELECT e.conversation_id, e.actor, e.key, e.position, e.at, e.kind, e.body FROM json_each(?) AS j "
            "CROSS JOIN chat_event AS e ON e.conversation_id = j.value ->> 0 AND e.actor = j.value ->> 1 AND e.key = j.value ->> 2",
            (_json(keys),),
        )
    }

    def next_number(site: int) -> int:
        counters[site] += 1
        return counters[site]

    return Known(heads, openings, events, next_number), counters


def _write(connection: sqlite3.Connection, rows: Rows, known: Known, counters: dict[int, int]) -> None:
    many = connection.executemany
    for site, last in counters.items():
        connection.execute(
            "INSERT INTO chat_casecounter (site, last) VALUES (?, ?) ON CONFLICT (site) DO UPDATE SET last = excluded.last", (site, last)
        )
    many(_CONVERSATIONS, [conversation_row(cid, known.heads[cid]) for cid in rows.touched])
    many("INSERT INTO chat_opening (site, source, key, conversation_id) VALUES (?, ?, ?, ?)", rows.openings)
    many(_EVENTS, [event_row(event) for event in rows.events])
    many("INSERT INTO chat_participant (conversation_id, ref) VALUES (?, ?) ON CONFLICT DO NOTHING", rows.participants)
    many(
        "INSERT INTO chat_outsidename (namespace, value, conversation_id, position) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", rows.names
    )
    many(
        "INSERT INTO chat_delivery (conversation_id, position, route, target, state, not_before, lease, attempts, created_at) "
        "VALUES (?, ?, ?, ?, 'queued', ?, 0, 0, ?)",
        rows.deliveries,
    )
    many(
        "UPDATE chat_delivery SET state = ?1, not_before = ?2, lease = 0 "
        f"WHERE id = ?3 AND (state IN {ON_ITS_WAY} OR ?1 NOT IN {ON_ITS_WAY})",
        [(t.state, t.not_before, t.delivery) for t in rows.told],
    )
    many("DELETE FROM chat_due WHERE conversation_id = ? AND name = ?", list(rows.dues_gone))
    many(
        "INSERT INTO chat_due (conversation_id, name, at) VALUES (?, ?, ?) "
        "ON CONFLICT (conversation_id, name) DO UPDATE SET at = excluded.at",
        [(cid, name, at) for (cid, name), at in rows.dues_set.items()],
    )
    many('INSERT INTO chat_attachment (conversation_id, position, "index", digest, audience) VALUES (?, ?, ?, ?, ?)', rows.attachments)
    for crosses, position in rows.crossings:
        crossing.carry_out(_Cursor(connection), crosses, position, known.heads[crosses.conversation])


class _Cursor:
    """The few words that `crossing` speaks, in SQLite's dialect."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.replace("%s", "?"), parameters).fetchall()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
