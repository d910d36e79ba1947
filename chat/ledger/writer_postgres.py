"""Group commit on PostgreSQL: what is remembered goes in with one statement and one round trip, which compares before it writes.

Knows PostgreSQL's SQL (the statements that write stand in `postgres`) and nothing of what is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connections
from psycopg import errors
from psycopg.types.numeric import Int8BinaryDumper

from chat.ledger import arrays, crossing, postgres
from chat.ledger.append import Command
from chat.ledger.batch import Head, Known, Rows, Stored, put_together
from chat.ledger.group import StoreAway
from chat.ledger.optimistic import Done, Key, OptimisticWriter
from chat.ledger.state import from_json

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# A server that became a standby takes no writes either: the next connection finds the one that does, or there is none now.
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
_NOTICED: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How soon a server that has vanished without a word is noticed: seconds, and for the last one milliseconds."""
_SESSION = (
    # Whatever the server's default is: an acknowledged event is on disk. Stricter settings (remote_apply) stay as they are.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    # One plan for each statement, by index: made once, and as right for ten million conversations as for the empty table it was made on.
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false), "
    "set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)",
)
_HEADS = "SELECT id, site, number, position, head, last_at, state FROM chat_conversation WHERE id = ANY(%b::bigint[]) ORDER BY id"
_STORED = (
    "SELECT e.conversation_id, e.actor, e.key, e.position, e.at, e.kind, e.body FROM chat_event e "
    "JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS j (conversation_id, actor, key) USING (conversation_id, actor, key)"
)
_STANDING = "SELECT coalesce(array_agg(position ORDER BY id), '{}'), coalesce(array_agg(head ORDER BY id), '{}') FROM chat_conversation "
_STANDING += "WHERE id = ANY(%b::bigint[])"


class PostgresWriter(OptimisticWriter):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._connection: Connection | None = None
        parameters = connections["default"].get_connection_params()
        self._parameters = _NOTICED | {
            k: v for k, v in parameters.items() if k in ("host", "port", "user", "password", "dbname", "sslmode", "options")
        }
        super().__init__(loop)

    async def _read_heads(self, conversations: Collection[int]) -> dict[int, Head]:
        return {row[0]: _head(row) for row in await self._read(_HEADS, sorted(conversations))}

    async def _read_stored(self, keys: Sequence[Key]) -> dict[Key, Stored]:
        return _by_key(await self._read(_STORED, *_arrays(keys, 3)))

    async def _unmoved(self, before: Mapping[int, Head]) -> bool:
        ids = sorted(before)
        [(positions, seals)] = await self._read(_STANDING, ids)
        return bool(positions == [before[cid].position for cid in ids] and seals == [before[cid].seal for cid in ids])

    async def _write_if_unmoved(self, rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> bool:
        statement, parameters = postgres.if_unmoved(rows, after, before)
        try:
            return bool((await self._say(statement, parameters))[0][0])
        except errors.UniqueViolation:
            return False
        except _LOST:
            # Written or not: the careful way finds out by the keys.
            await self._hang_up()
            return False

    async def _with_care(self, commands: Sequence[Command]) -> Done:
        # Once more after a lost connection or a race for an opening key: if the first COMMIT did go through, its keys are found.
        try:
            return await self._carefully(commands)
        except (*_LOST, errors.UniqueViolation):
            await self._hang_up()
        try:
            return await self._carefully(commands)
        except _LOST as problem:
            await self._hang_up()
            raise StoreAway(type(problem).__name__) from problem

    async def _carefully(self, commands: Sequence[Command]) -> Done:
        connection = await self._open()
        async with connection.pipeline(), connection.transaction():
            known, counters = await _load(connection, commands)
            outcomes, rows = put_together(commands, known, now=self.clock())
            for statement, parameters in postgres.one_by_one(rows, known.heads, counters):
                await connection.execute(statement, parameters, prepare=True)
            if rows.crossings:
                await _cross_out(connection, crossing.carry_out(rows.crossings, known.heads))
        return Done(outcomes, rows, known.heads)

    async def _read(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            return await self._say(statement.encode(), parameters)
        except _LOST:
            await self._hang_up()
        try:
            return await self._say(statement.encode(), parameters)
        except _LOST as problem:
            await self._hang_up()
            raise StoreAway(type(problem).__name__) from problem

    async def _say(self, statement: bytes, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        connection = await self._open()
        return await (await connection.execute(statement, parameters, prepare=True, binary=True)).fetchall()

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                **self._parameters, autocommit=True, application_name="throughline writer"
            )
            # A list of small numbers would go as another type than a list of large ones, and every mixture be prepared anew.
            self._connection.adapters.register_dumper(int, Int8BinaryDumper)
            for kind, dumper in arrays.DUMPERS.items():
                self._connection.adapters.register_dumper(kind, dumper)
            for statement in _SESSION:
                await self._connection.execute(statement)
        return self._connection

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _close(self) -> None:
        await self._hang_up()


async def _load(connection: Connection, commands: Sequence[Command]) -> tuple[Known, dict[int, int]]:
    opening = [c.opens for c in commands if c.opens is not None]
    counters: dict[int, int] = {}
    openings: dict[tuple[int, str, str], int] = {}
    # Lock order: case counters by site, then conversations by id. Every writer keeps it, so none waits in a circle.
    if opening:
        sites = sorted({opens.site for opens in opening})
        keys = ([o.site for o in opening], [o.source for o in opening], [o.key for o in opening])
        await connection.execute(
            "INSERT INTO chat_casecounter (site, last) SELECT unnest(%b::bigint[]), 0 ON CONFLICT DO NOTHING", (sites,)
        )
        last = await connection.execute(
            "SELECT site, last FROM chat_casecounter WHERE site = ANY(%b::bigint[]) ORDER BY site FOR UPDATE", (sites,)
        )
        found = await connection.execute(
            "SELECT o.site, o.source, o.key, o.conversation_id FROM chat_opening o "
            "JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS j (site, source, key) USING (site, source, key)",
            keys,
        )
        counters = dict(await last.fetchall())
        openings = {(site, source, key): cid for site, source, key, cid in await found.fetchall()}
    moved = {o.conversation: openings[o.site, o.source, o.key] for o in opening if (o.site, o.source, o.key) in openings}
    ids = sorted({f.conversation for c in commands for f in c.facts} | set(moved.values()))
    by_key = [(moved.get(f.conversation, f.conversation), f.actor, f.key) for c in commands for f in c.facts]
    standing = await connection.execute(f"{_HEADS} FOR NO KEY UPDATE", (ids,), prepare=True)
    stored = await connection.execute(_STORED, _arrays(by_key, 3), prepare=True)
    heads = {row[0]: _head(row) for row in await standing.fetchall()}

    def next_number(site: int) -> int:
        counters[site] += 1
        return counters[site]

    return Known(heads, openings, _by_key(await stored.fetchall()), next_number), counters


async def _cross_out(connection: Connection, steps: crossing.Steps) -> None:
    # A long conversation takes a while to fold again: in a thread, the loop has others to serve.
    def further(rows: list[tuple[Any, ...]] | None) -> crossing.Statement | None:
        try:
            return steps.send(rows)
        except StopIteration:
            return None

    asked = await asyncio.to_thread(further, None)
    while asked is not None:
        rows = await (await connection.execute(asked[0].encode(), asked[1])).fetchall()
        asked = await asyncio.to_thread(further, rows)


def _head(row: tuple[Any, ...]) -> Head:
    return Head(site=row[1], number=row[2], position=row[3], seal=bytes(row[4]), at=row[5], state=from_json(row[6]))


def _by_key(rows: Sequence[tuple[Any, ...]]) -> dict[Key, Stored]:
    return {(row[0], row[1], row[2]): Stored(row[0], row[3], row[4], row[5], row[6]) for row in rows}


def _arrays(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(width)]
