"""Group commit on PostgreSQL: rows are locked in one order, guards see what is committed, everything goes in with a few statements.

Knows PostgreSQL's SQL and nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connections
from psycopg import errors

from chat.ledger import crossing
from chat.ledger.append import Command
from chat.ledger.batch import Head, Known, Outcome, Rows, Stored, put_together
from chat.ledger.columns import CONVERSATION_COLUMNS, EVENT_COLUMNS, ON_ITS_WAY, conversation_row, event_row
from chat.ledger.state import from_json
from chat.ledger.writer import StoreAway, Writer

_EVENT_TYPES = "bigint bigint bigint text integer text text text text bigint text bytea bytea text text bytea".split()  # noqa: SIM905
_CONVERSATION_TYPES = "bigint bigint bigint bigint bytea bigint text text text text text text bigint bigint bigint boolean".split()  # noqa: SIM905


def _from_arrays(types: Sequence[str]) -> str:
    # %b sends an array in PostgreSQL's binary form: nothing needs to be escaped, which for JSON costs more than sealing it.
    return f"SELECT * FROM unnest({', '.join(f'%b::{t}[]' for t in types)})"


_EVENTS = f"INSERT INTO chat_event ({', '.join(EVENT_COLUMNS)}) {_from_arrays(_EVENT_TYPES)}"
_CONVERSATIONS = (
    f"INSERT INTO chat_conversation ({', '.join(CONVERSATION_COLUMNS)}) {_from_arrays(_CONVERSATION_TYPES)} "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in CONVERSATION_COLUMNS if c not in ('id', 'site', 'number'))}"
)


class PostgresWriter(Writer):
    def __init__(self) -> None:
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._parameters = connections["default"].get_connection_params()
        super().__init__()

    def _commit(self, commands: Sequence[Command]) -> list[Outcome]:
        # Once more after a lost connection or a race for an opening key: if the first COMMIT did go through, its keys are found.
        try:
            return self._once(commands)
        except (psycopg.OperationalError, psycopg.InterfaceError, errors.UniqueViolation):
            self._close()
        try:
            return self._once(commands)
        except (psycopg.OperationalError, psycopg.InterfaceError) as problem:
            self._close()
            raise StoreAway(type(problem).__name__) from problem

    def _once(self, commands: Sequence[Command]) -> list[Outcome]:
        connection = self._open()
        with connection.transaction(), connection.cursor() as cursor:
            known, counters = _load(cursor, commands)
            outcomes, rows = put_together(commands, known, now=self.clock())
            if rows.touched:
                _write(cursor, rows, known, counters)
        return outcomes

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            kept = {k: v for k, v in self._parameters.items() if k in ("host", "port", "user", "password", "dbname", "sslmode", "options")}
            self._connection = psycopg.connect(**kept, autocommit=True, connect_timeout=10, application_name="throughline writer")
            # Whatever the server's default is: an acknowledged event is on disk. Stricter settings (remote_apply) stay as they are.
            self._connection.execute(
                "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
            )
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _load(cursor: psycopg.Cursor[tuple[Any, ...]], commands: Sequence[Command]) -> tuple[Known, dict[int, int]]:
    opening = [c.opens for c in commands if c.opens is not None]
    counters: dict[int, int] = {}
    openings: dict[tuple[int, str, str], int] = {}
    # Lock order: case counters by site, then conversations by id. Every writer keeps it, so none waits in a circle.
    if opening:
        sites = sorted({opens.site for opens in opening})
        cursor.execute("INSERT INTO chat_casecounter (site, last) SELECT unnest(%b::bigint[]), 0 ON CONFLICT DO NOTHING", (sites,))
        cursor.execute("SELECT site, last FROM chat_casecounter WHERE site = ANY(%s) ORDER BY site FOR UPDATE", (sites,))
        counters = dict(cursor.fetchall())
        cursor.execute(
            "SELECT o.site, o.source, o.key, o.conversation_id FROM chat_opening o "
            "JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS j (site, source, key) USING (site, source, key)",
            ([o.site for o in opening], [o.source for o in opening], [o.key for o in opening]),
        )
        openings = {(site, source, key): cid for site, source, key, cid in cursor.fetchall()}
    moved = {o.conversation: openings[o.site, o.source, o.key] for o in opening if (o.site, o.source, o.key) in openings}
    ids = sorted({f.conversation for c in commands for f in c.facts} | set(moved.values()))
    cursor.execute(
        "SELECT id, site, number, position, head, last_at, state FROM chat_conversation WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (ids,)
    )
    heads = {
        row[0]: Head(site=row[1], number=row[2], position=row[3], seal=bytes(row[4]), at=row[5], state=from_json(row[6]))
        for row in cursor.fetchall()
    }
    keys = [(moved.get(f.conversation, f.conversation), f.actor, f.key) for c in commands for f in c.facts]
    cursor.execute(
        "SELECT e.conversation_id, e.actor, e.key, e.position, e.at, e.kind, e.body FROM chat_event e "
        "JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS j (conversation_id, actor, key) USING (conversation_id, actor, key)",
        _arrays(keys, 3),
    )
    events = {(row[0], row[1], row[2]): Stored(row[0], row[3], row[4], row[5], row[6]) for row in cursor.fetchall()}

    def next_number(site: int) -> int:
        counters[site] += 1
        return counters[site]

    return Known(heads, openings, events, next_number), counters


def _write(cursor: psycopg.Cursor[tuple[Any, ...]], rows: Rows, known: Known, counters: dict[int, int]) -> None:
    def many(sql: str, values: Sequence[tuple[Any, ...]]) -> None:
        if values:
            cursor.execute(sql, _arrays(values, len(values[0])))

    many(
        "UPDATE chat_casecounter SET last = j.last FROM unnest(%b::bigint[], %b::bigint[]) AS j (site, last) "
        "WHERE chat_casecounter.site = j.site",
        list(counters.items()),
    )
    many(_CONVERSATIONS, [conversation_row(cid, known.heads[cid]) for cid in sorted(rows.touched)])
    many(
        f"INSERT INTO chat_opening (site, source, key, conversation_id) {_from_arrays(['bigint', 'text', 'text', 'bigint'])}", rows.openings
    )
    many(_EVENTS, [event_row(event) for event in rows.events])
    many(
        f"INSERT INTO chat_participant (conversation_id, ref) {_from_arrays(['bigint', 'text'])} ON CONFLICT DO NOTHING", rows.participants
    )
    many(
        "INSERT INTO chat_outsidename (namespace, value, conversation_id, position) "
        f"{_from_arrays(['text', 'text', 'bigint', 'bigint'])} ON CONFLICT DO NOTHING",
        rows.names,
    )
    many(
        "INSERT INTO chat_delivery (conversation_id, position, route, target, not_before, created_at, state, lease, attempts) "
        "SELECT j.*, 'queued', 0, 0 FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::bigint[], %b::bigint[]) AS j",
        rows.deliveries,
    )
    many(
        "UPDATE chat_delivery SET state = j.state, not_before = j.not_before, lease = 0 "
        "FROM unnest(%b::bigint[], %b::text[], %b::bigint[]) AS j (id, state, not_before) "
        f"WHERE chat_delivery.id = j.id AND (chat_delivery.state IN {ON_ITS_WAY} OR j.state NOT IN {ON_ITS_WAY})",
        [(t.delivery, t.state, t.not_before) for t in rows.told],
    )
    many(
        "DELETE FROM chat_due USING unnest(%b::bigint[], %b::text[]) AS j (cid, name) "
        "WHERE chat_due.conversation_id = j.cid AND chat_due.name = j.name",
        list(rows.dues_gone),
    )
    many(
        f"INSERT INTO chat_due (conversation_id, name, at) {_from_arrays(['bigint', 'text', 'bigint'])} "
        "ON CONFLICT (conversation_id, name) DO UPDATE SET at = excluded.at",
        [(cid, name, at) for (cid, name), at in rows.dues_set.items()],
    )
    many(
        "INSERT INTO chat_attachment (conversation_id, position, index, digest, audience) "
        f"{_from_arrays(['bigint', 'bigint', 'integer', 'text', 'text'])}",
        rows.attachments,
    )
    for crosses, position in rows.crossings:
        crossing.carry_out(_Sql(cursor), crosses, position, known.heads[crosses.conversation])


class _Sql:
    """The few words that `crossing` speaks."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self._cursor = cursor

    def __call__(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._cursor.execute(sql, parameters).fetchall()


def _arrays(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(width)]
