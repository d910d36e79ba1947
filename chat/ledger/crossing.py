"""Crossing out inside the writer's transaction: value and salt of the named fields become NULL, the digests stay.

The state folded from the events no longer holds what is gone, so it is folded again from the first event. Called by the writers alone.
"""

from __future__ import annotations

from typing import Any

import orjson

from chat.ledger import search_index
from chat.ledger.append import Crosses, Refused
from chat.ledger.batch import Head, folded
from chat.ledger.columns import CONVERSATION_COLUMNS, conversation_row
from chat.ledger.event import SENTENCE, Audience, Stamp, from_fields
from chat.ledger.sql import Statement as Statement
from chat.ledger.sql import Steps as Steps
from chat.ledger.state import State


def carry_out(crosses: Crosses, position: int, head: Head) -> Steps:
    """Cross out the fields; `position` is the privacy event that says so. Raises Refused for an event or field that is not there."""
    cid = crosses.conversation
    found = yield (
        "SELECT id, body, kind, kind_version, site FROM chat_event WHERE conversation_id = %s AND position = %s",
        (cid, crosses.position),
    )
    if not found:
        raise Refused(f"There is no entry {crosses.position} to cross out.")
    row_id, stored, kind, version, site = found[0]
    body = orjson.loads(stored)
    names = {*crosses.fields, SENTENCE}
    unknown = names - body.keys()
    if unknown:
        raise Refused(f"Entry {crosses.position} has no field {', '.join(sorted(unknown))}.")
    left = {name: None if name in names else pair for name, pair in body.items()}
    yield "INSERT INTO chat_crossing (conversation, position) VALUES (%s, %s) RETURNING position", (cid, position)
    yield "UPDATE chat_event SET body = %s WHERE id = %s RETURNING id", (orjson.dumps(left).decode(), row_id)
    for index in (int(name.partition(".")[2]) for name in names if name.startswith("attachments.")):
        one = 'conversation_id = %s AND position = %s AND "index" = %s'
        yield f"DELETE FROM chat_attachment WHERE {one} RETURNING id", (cid, crosses.position, index)
    yield "DELETE FROM chat_crossing WHERE conversation = %s RETURNING position", (cid,)
    kept = {name: orjson.loads(pair[1]) for name, pair in left.items() if pair is not None}
    yield from search_index.cross_out(cid, crosses.position, kind=kind, version=version, site=site, left=kept)
    rows = yield (
        "SELECT position, kind, kind_version, actor, channel, audience, at, body FROM chat_event "
        "WHERE conversation_id = %s ORDER BY position",
        (cid,),
    )
    head.state = _folded(rows or [])
    columns = dict(zip(CONVERSATION_COLUMNS, conversation_row(cid, head), strict=True))
    columns.pop("id")
    yield f"UPDATE chat_conversation SET {', '.join(f'{c} = %s' for c in columns)} WHERE id = %s RETURNING id", (*columns.values(), cid)


def _folded(rows: list[tuple[Any, ...]]) -> State:
    state = State()
    for position, kind, version, actor, channel, audience, at, stored in rows:
        body = orjson.loads(stored)
        values = {name: orjson.loads(pair[1]) for name, pair in body.items() if pair is not None}
        stamp = Stamp(position=position, at=at, actor=actor, channel=channel, audience=Audience(audience))
        state = folded(state, from_fields(kind, version, values), stamp)
    return state
