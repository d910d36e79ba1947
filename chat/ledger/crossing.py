"""Crossing out inside the writer's transaction: value and salt of the named fields become NULL, the digests stay.

The state folded from the events no longer holds what is gone, so it is folded again from the first event, once however much goes.
What may have copies elsewhere is noted in the same transaction (see `copies`). Called by the writers alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from chat.ledger import search_index
from chat.ledger.append import Crosses, Refused
from chat.ledger.batch import Head, folded
from chat.ledger.columns import CONVERSATION_COLUMNS, conversation_row
from chat.ledger.event import SENTENCE, Audience, Stamp, from_fields
from chat.ledger.sql import Asking
from chat.ledger.sql import Statement as Statement
from chat.ledger.sql import Steps as Steps
from chat.ledger.state import State

_AT_ONCE = 100
"""Entries in one statement."""
_PAGE = 500
"""Entries that are folded at once."""
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def carry_out(crossings: Sequence[tuple[Crosses, int]], heads: Mapping[int, Head]) -> Steps:
    """Cross out everything; beside each stands the position of the privacy event that says so. Raises Refused for an entry or field
    that is not there."""
    by_conversation: defaultdict[int, list[tuple[Crosses, int]]] = defaultdict(list)
    for crosses, says in crossings:
        by_conversation[crosses.conversation].append((crosses, says))
    for cid, several in sorted(by_conversation.items()):
        yield from _conversation(cid, several)
        head = heads[cid]
        head.state = yield from folded_again(cid)
        columns = dict(zip(CONVERSATION_COLUMNS, conversation_row(cid, head), strict=True))
        columns.pop("id")
        yield f"UPDATE chat_conversation SET {', '.join(f'{c} = %s' for c in columns)} WHERE id = %s RETURNING id", (*columns.values(), cid)


def _conversation(cid: int, several: Iterable[tuple[Crosses, int]]) -> Steps:
    fields: defaultdict[int, set[str]] = defaultdict(set)
    by_event: defaultdict[int, set[int]] = defaultdict(set)
    for crosses, says in several:
        fields[crosses.position] |= set(crosses.fields)
        by_event[says].add(crosses.position)
    digests: set[str] = set()
    for says, positions in sorted(by_event.items()):
        yield "INSERT INTO chat_crossing (conversation, position) VALUES (%s, %s) RETURNING position", (cid, says)
        for some in _cut(sorted(positions), _AT_ONCE):
            digests |= yield from _entries(cid, {position: fields[position] for position in some})
        yield "DELETE FROM chat_crossing WHERE conversation = %s RETURNING position", (cid,)
    entries = {str(position): sorted(names) for position, names in sorted(fields.items())}
    yield (
        "INSERT INTO chat_leftover (conversation, entries, digests) VALUES (%s, %s, %s) RETURNING id",
        (cid, orjson.dumps(entries).decode(), orjson.dumps(sorted(digests)).decode()),
    )


def _entries(cid: int, fields: Mapping[int, set[str]]) -> Asking[set[str]]:
    """Cross out fields of some entries; gives the digests of blobs that stood in them."""
    found = yield (
        "SELECT position, id, body, kind, kind_version, site FROM chat_event WHERE conversation_id = %s "
        f"AND position IN ({', '.join(['%s'] * len(fields))}) ORDER BY position",
        (cid, *fields),
    )
    rows = {row[0]: row[1:] for row in found or ()}
    bodies: list[tuple[int, str]] = []
    digests: set[str] = set()
    for position, wanted in fields.items():
        if position not in rows:
            raise Refused(f"There is no entry {position} to cross out.")
        row_id, stored, kind, version, site = rows[position]
        body = orjson.loads(stored)
        names = {*wanted, SENTENCE}
        unknown = names - body.keys()
        if unknown:
            raise Refused(f"Entry {position} has no field {', '.join(sorted(unknown))}.")
        digests |= {digest for name in names if body[name] for digest in _digests(orjson.loads(body[name][1]))}
        left = {name: None if name in names else pair for name, pair in body.items()}
        bodies.append((row_id, orjson.dumps(left).decode()))
        yield from _attachments(cid, position, names)
        kept = {name: orjson.loads(pair[1]) for name, pair in left.items() if pair is not None}
        yield from search_index.cross_out(cid, position, kind=kind, version=version, site=site, left=kept)
    places = ", ".join(["(CAST(%s AS bigint), CAST(%s AS text))"] * len(bodies))
    yield (
        f"UPDATE chat_event SET body = v.column2 FROM (VALUES {places}) AS v WHERE chat_event.id = v.column1 RETURNING chat_event.id",
        tuple(value for pair in bodies for value in pair),
    )
    return digests


def _attachments(cid: int, position: int, names: set[str]) -> Steps:
    for index in sorted(int(name.partition(".")[2]) for name in names if name.startswith("attachments.")):
        one = 'conversation_id = %s AND position = %s AND "index" = %s'
        yield f"DELETE FROM chat_attachment WHERE {one} RETURNING id", (cid, position, index)


def _digests(value: Any) -> Iterator[str]:
    """Whatever in a value may name a blob: the digest of a file, of the mail as it came."""
    if isinstance(value, str) and _DIGEST.match(value):
        yield value
    elif isinstance(value, dict):
        yield from (digest for each in value.values() for digest in _digests(each))
    elif isinstance(value, list):
        yield from (digest for each in value for digest in _digests(each))


def folded_again(cid: int) -> Asking[State]:
    """The state of a conversation by its events alone. Memory is bounded by a page of them."""
    state, after = State(), 0
    while True:
        rows = yield (
            "SELECT position, kind, kind_version, actor, channel, audience, at, body FROM chat_event "
            "WHERE conversation_id = %s AND position > %s ORDER BY position LIMIT %s",
            (cid, after, _PAGE),
        )
        for position, kind, version, actor, channel, audience, at, stored in rows or ():
            body = orjson.loads(stored)
            values = {name: orjson.loads(pair[1]) for name, pair in body.items() if pair is not None}
            stamp = Stamp(position=position, at=at, actor=actor, channel=channel, audience=Audience(audience))
            state = folded(state, from_fields(kind, version, values), stamp)
            after = position
        if len(rows or ()) < _PAGE:
            return state


def _cut(positions: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for first in range(0, len(positions), size):
        yield positions[first : first + size]
