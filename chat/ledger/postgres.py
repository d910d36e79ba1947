"""The statements that write a batch on PostgreSQL: one by one under locks, or all in one that first compares what it stands upon.

Every table gets its rows as arrays, one a column. Nothing here talks to a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from chat.ledger.append import Told
from chat.ledger.arrays import COLUMNS, Bigints, Column, Octets
from chat.ledger.batch import Head, Rows
from chat.ledger.columns import CONVERSATION_COLUMNS, EVENT_COLUMNS, ON_ITS_WAY, conversation_row

Statement = tuple[bytes, list[Any]]
Columns = list[Column]


def _arrays(types: str) -> str:
    # %b sends an array in PostgreSQL's binary form: nothing needs to be escaped, which for JSON costs more than sealing it.
    return f"unnest({', '.join(f'%b::{t}[]' for t in types.split())})"


_EVENT_TYPES = "bigint bigint bigint text integer text text text text bigint text bytea bytea text text bytea"
_CONVERSATION_TYPES = "bigint bigint bigint bigint bytea bigint text text text text text text bigint bigint bigint boolean bigint"
_CHANGING = [column for column in CONVERSATION_COLUMNS if column not in ("id", "site", "number")]

# {ok} is a condition on the whole batch, evaluated before the first row is looked at.
_COUNTERS = (
    f"UPDATE chat_casecounter AS c SET last = j.last FROM {_arrays('bigint bigint')} AS j (site, last) WHERE c.site = j.site AND {{ok}}"
)
_OPENED = f"INSERT INTO chat_conversation ({', '.join(CONVERSATION_COLUMNS)}) SELECT * FROM {_arrays(_CONVERSATION_TYPES)} WHERE {{ok}}"
_MOVED = (
    f"UPDATE chat_conversation AS c SET {', '.join(f'{column} = j.{column}' for column in _CHANGING)} "
    f"FROM {_arrays(_CONVERSATION_TYPES)} AS j ({', '.join(CONVERSATION_COLUMNS)}) WHERE c.id = j.id AND {{ok}}"
)
_OPENINGS = f"INSERT INTO chat_opening (site, source, key, conversation_id) SELECT * FROM {_arrays('bigint text text bigint')} WHERE {{ok}}"
_EVENTS = f"INSERT INTO chat_event ({', '.join(EVENT_COLUMNS)}) SELECT * FROM {_arrays(_EVENT_TYPES)} WHERE {{ok}}"
_PARTICIPANTS = (
    f"INSERT INTO chat_participant (conversation_id, ref) SELECT * FROM {_arrays('bigint text')} WHERE {{ok}} ON CONFLICT DO NOTHING"
)
_NAMES = (
    "INSERT INTO chat_outsidename (namespace, value, conversation_id, position) "
    f"SELECT * FROM {_arrays('text text bigint bigint')} WHERE {{ok}} ON CONFLICT DO NOTHING"
)
_DELIVERIES = (
    "INSERT INTO chat_delivery (conversation_id, position, route, target, not_before, created_at, state, lease, attempts) "
    f"SELECT j.*, 'queued', 0, 0 FROM {_arrays('bigint bigint text text bigint bigint')} AS j WHERE {{ok}}"
)
_TOLD = (
    "UPDATE chat_delivery AS d SET state = j.state, not_before = j.not_before, lease = 0 "
    f"FROM {_arrays('bigint text bigint')} AS j (id, state, not_before) "
    f"WHERE d.id = j.id AND (d.state IN {ON_ITS_WAY} OR j.state NOT IN {ON_ITS_WAY}) AND {{ok}}"
)
_DUES_GONE = (
    f"DELETE FROM chat_due AS d USING {_arrays('bigint text')} AS j (cid, name) "
    "WHERE d.conversation_id = j.cid AND d.name = j.name AND {ok}"
)
_DUES_SET = (
    f"INSERT INTO chat_due (conversation_id, name, at) SELECT * FROM {_arrays('bigint text bigint')} WHERE {{ok}} "
    "ON CONFLICT (conversation_id, name) DO UPDATE SET at = excluded.at"
)
_ATTACHMENTS = (
    "INSERT INTO chat_attachment (conversation_id, position, index, digest, audience) "
    f"SELECT * FROM {_arrays('bigint bigint integer text text')} WHERE {{ok}}"
)

_STANDING = (
    # Locked in the order of ids, like every writer does it, and only then compared: a batch of another process was written or was not.
    "WITH locked AS MATERIALIZED (SELECT id, position, head FROM chat_conversation WHERE id = ANY(%b::bigint[]) "
    "ORDER BY id FOR NO KEY UPDATE), "
    "standing AS MATERIALIZED (SELECT coalesce(array_agg(position ORDER BY id) = %b::bigint[] "
    "AND array_agg(head ORDER BY id) = %b::bytea[], false) AS ok FROM locked)"
)


def if_unmoved(rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> Statement:
    """The whole batch in one statement. Its one value is true if it was written, false if a conversation does not stand as in `before`.

    All its parts see the tables as they were at its start, so no row may be meant twice: not for openings, crossings out, or an
    alarm that goes and comes.
    """
    ids = sorted(before)
    parameters: list[Any] = [Bigints(ids), Bigints(before[cid].position for cid in ids), Octets(before[cid].seal for cid in ids)]
    parts = list(_parts(rows, after, {}))
    for _, columns in parts:
        parameters += columns
    return _in_one(tuple(part for part, _ in parts)), parameters


def one_by_one(rows: Rows, heads: Mapping[int, Head], counters: Mapping[int, int]) -> Iterator[Statement]:
    """The same for a transaction that holds the locks."""
    for part, columns in _parts(rows, heads, counters):
        yield part.replace("{ok}", "true").encode(), list(columns)


def _parts(rows: Rows, heads: Mapping[int, Head], counters: Mapping[int, int]) -> Iterator[tuple[str, Columns]]:
    # Rows that other writers may hold too go in one order, as the locks do.
    touched = sorted(rows.touched)
    parts: list[tuple[str, Sequence[tuple[Any, ...]]]] = [
        (_COUNTERS, sorted(counters.items())),
        (_OPENED, [conversation_row(cid, heads[cid]) for cid in touched if heads[cid].fresh]),
        (_MOVED, [conversation_row(cid, heads[cid]) for cid in touched if not heads[cid].fresh]),
        (_OPENINGS, rows.openings),
        (_EVENTS, rows.events),
        (_PARTICIPANTS, rows.participants),
        (_NAMES, sorted(rows.names)),
        (_DELIVERIES, rows.deliveries),
        (_TOLD, sorted((t.delivery, t.state, t.not_before) for t in _last_words(rows.told))),
        (_DUES_GONE, sorted(rows.dues_gone)),
        (_DUES_SET, sorted((cid, name, at) for (cid, name), at in rows.dues_set.items())),
        (_ATTACHMENTS, rows.attachments),
    ]
    for part, values in parts:
        if values:
            yield part, [kind(column) for kind, column in zip(_kinds(part), zip(*values, strict=True), strict=True)]


@cache
def _kinds(part: str) -> tuple[type[Column], ...]:
    return tuple(COLUMNS[kind] for kind in re.findall(r"%b::(\w+)\[\]", part))


def _last_words(told: Sequence[Told]) -> list[Told]:
    """One for each delivery, as if they had been written one after the other: a late one on its way undoes nothing final."""
    last: dict[int, Told] = {}
    for word in told:
        before = last.get(word.delivery)
        if before is None or f"'{before.state}'" in ON_ITS_WAY or f"'{word.state}'" not in ON_ITS_WAY:
            last[word.delivery] = word
    return list(last.values())


@cache
def _in_one(parts: tuple[str, ...]) -> bytes:
    # Few different ones: nearly every batch holds events and moved heads, some a delivery or an alarm besides.
    written = ", ".join(f"part{n} AS ({part.format(ok='(SELECT ok FROM standing)')})" for n, part in enumerate(parts))
    return f"{_STANDING}, {written} SELECT ok FROM standing".encode()
