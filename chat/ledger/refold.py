"""Folds every conversation again from its first event, after a version changed what follows from events. Never changes an event."""

from __future__ import annotations

from chat.ledger import crossing
from chat.ledger.batch import Head
from chat.ledger.columns import CONVERSATION_COLUMNS, conversation_row
from chat.ledger.sql import ask
from chat.ledger.state import State

_PAGE = 200


def refold_all() -> int:
    """Bring the folded state and the columns of all conversations up to this version; returns how many. For migrations: nobody may write
    meanwhile."""
    done = after = 0
    while rows := ask(
        "SELECT id, site, number, position, head, last_at FROM chat_conversation WHERE id > %s ORDER BY id LIMIT %s", after, _PAGE
    ):
        for cid, site, number, position, seal, at in rows:
            head = Head(site=site, number=number, position=position, seal=bytes(seal), at=at)
            head.state = _folded(cid)
            columns = dict(zip(CONVERSATION_COLUMNS, conversation_row(cid, head), strict=True))
            columns.pop("id")
            ask(f"UPDATE chat_conversation SET {', '.join(f'{name} = %s' for name in columns)} WHERE id = %s", *columns.values(), cid)
            after, done = cid, done + 1
    return done


def _folded(cid: int) -> State:
    steps = crossing.folded_again(cid)
    asked = next(steps)
    while True:
        try:
            asked = steps.send(ask(asked[0], *asked[1]))
        except StopIteration as end:
            state: State = end.value
            return state
