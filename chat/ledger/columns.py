"""The columns that both writers fill, in one order. Knows no engine."""

from __future__ import annotations

from typing import Any

from chat.ledger.batch import Head
from chat.ledger.keeping import keep_day
from chat.ledger.state import to_json

ON_ITS_WAY = "('queued', 'delayed')"
"""States of a delivery that a courier may still try. A late one who says `delayed` does not undo another's `sent`."""

EVENT_COLUMNS = (
    "conversation_id",
    "site",
    "position",
    "kind",
    "kind_version",
    "actor",
    "channel",
    "audience",
    "disclose",
    "at",
    "key",
    "key_salt",
    "header",
    "digests",
    "body",
    "seal",
)

CONVERSATION_COLUMNS = (
    "id",
    "site",
    "number",
    "position",
    "head",
    "last_at",
    "state",
    "status",
    "assignee",
    "offered_to",
    "team",
    "channel",
    "waiting_since",
    "touched_at",
    "due_at",
    "bounced",
    "keep_day",
)


def conversation_row(conversation: int, head: Head) -> tuple[Any, ...]:
    """In the order of CONVERSATION_COLUMNS: what queues are read by follows from the folded state."""
    state = head.state
    return (
        conversation,
        head.site,
        head.number,
        head.position,
        head.seal,
        head.at,
        to_json(state).decode(),
        state.status,
        state.assignee,
        state.offered_to,
        state.team,
        state.channel,
        state.waiting_since,
        state.touched_at,
        min((c.due for c in state.open_commitments()), default=0),
        state.bounced,
        keep_day(state),
    )
