"""Does a stored conversation still hold? Its seals, its head, the state beside it, and a privacy event for everything crossed out.

Reads only, and may run beside a server that writes. `throughline verify` asks it for every conversation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

import msgspec
import orjson
from django.db.models import F

from chat.ledger import read, seal
from chat.ledger.batch import Head, folded
from chat.ledger.columns import CONVERSATION_COLUMNS, conversation_row
from chat.ledger.event import SENTENCE, Audience, Stamp, from_fields
from chat.ledger.models import Conversation, Event
from chat.ledger.seal import Broken
from chat.ledger.state import State, from_json
from chat.ledger.triggers import PERMITTING

_ATTEMPTS = 3
"""A conversation that is written to meanwhile is looked at again."""


def check(conversation: int) -> Broken | None:
    """The first thing that does not hold about a conversation, or None. Position 0 speaks about the conversation as a whole."""
    found: Broken | None = None
    for _ in range(_ATTEMPTS):
        before = _stored(conversation)
        if before is None:
            return Broken(0, "there is no such conversation")
        found = _Walk(before).problem()
        if found is None or _stored(conversation) == before:
            return found
    return found


def _stored(conversation: int) -> dict[str, object] | None:
    row = Conversation.objects.filter(pk=conversation).values(*CONVERSATION_COLUMNS).first()
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()} if row else None


class _Walk:
    """One pass over a chain, compared with the conversation's row as it stood when the pass began."""

    def __init__(self, stored: dict[str, object]) -> None:
        self._stored = stored
        self._id, self._position = _number(stored["id"]), _number(stored["position"])
        self._head = Head(site=_number(stored["site"]), number=_number(stored["number"]))
        self._state = State()
        self._gone: dict[int, set[str]] = {}
        self._told: dict[int, set[str]] = defaultdict(set)

    def problem(self) -> Broken | None:
        walked = seal.verify(self._rows())
        if isinstance(walked, Broken):
            return walked
        position, last = walked
        if position < self._position:
            return Broken(position + 1, f"the chain ends at entry {position}, but {self._position} were written")
        if last != self._stored["head"]:
            return Broken(position, "its seal is not the one at the head of the conversation")
        # Compared with the head of this moment: what was written since the walk began is no stranger.
        behind = Event.objects.filter(conversation_id=self._id, position__gt=F("conversation__position")).order_by("position").first()
        if behind is not None:
            return Broken(behind.position, "there is an entry behind the end of the chain")
        return self._untold() or self._unlike()

    def _rows(self) -> Iterator[seal.Row]:
        for row in islice(read.rows(self._id), self._position):
            yield row
            # Only now: what `verify` has not found sound need not be readable.
            values = {name: orjson.loads(pair[1]) for name, pair in row.fields.items() if pair is not None}
            gone = {name for name, pair in row.fields.items() if pair is None}
            if gone:
                self._gone[row.position] = gone
            if row.kind in PERMITTING:
                self._told[int(values.get("of", 0))] |= set(values.get("fields", ()))
                for position, fields in values.get("entries", {}).items():
                    self._told[int(position)] |= set(fields)
            stamp = Stamp(position=row.position, at=row.at, actor=row.actor, channel=row.channel, audience=Audience(row.audience))
            self._state = folded(self._state, from_fields(row.kind, row.kind_version, values), stamp)
            self._head.position, self._head.seal, self._head.at = row.position, row.seal, row.at

    def _untold(self) -> Broken | None:
        for position, gone in self._gone.items():
            told = self._told.get(position, set())
            untold = gone - told - ({SENTENCE} if told else set())
            if untold:
                return Broken(position, f"{', '.join(sorted(untold))} was removed without an entry that says who did it and why")
        return None

    def _unlike(self) -> Broken | None:
        self._head.state = self._state
        follows = dict(zip(CONVERSATION_COLUMNS, conversation_row(self._id, self._head), strict=True))
        unlike = [name for name, value in follows.items() if name != "state" and value != self._stored[name]]
        if self._stored_state() != self._state:
            unlike.append("state")
        return Broken(0, f"the conversation's {', '.join(unlike)} does not follow from its entries") if unlike else None

    def _stored_state(self) -> State | None:
        # Compared as values, not as text: a later version may know more fields, each with its default.
        try:
            return from_json(str(self._stored["state"]))
        except msgspec.DecodeError:
            return None


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
