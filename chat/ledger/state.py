"""What follows from the events of one conversation: who has it, what was promised, what was decided, who spoke last.

Pure: folded event by event by the writer, and again from the first event by tests and `throughline verify`, with the same result.
Structures and not dataclasses, because every append copies and encodes one.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

SECOND = 1_000_000
"""One second in the ledger's unit of time (microseconds)."""
AWAY = "away"
"""Name of the alarm that sends lines by e-mail which the customer has not seen."""
ERASE, CROSS_OUT, SWEEP = "erase", "cross-out", "sweep"
"""Names of the alarms that carry out what the customer asked for, what the team agreed on, and what is left to do after either."""


class Person(Struct, frozen=True, kw_only=True):
    """A participant as the conversation knows them. `ref` is pseudonymous: `customer:12`, `agent:3`, `system`, `bot:<name>`."""

    ref: str
    name: str = ""
    address: str = ""
    """E-mail address, or empty while none is known."""
    confirmed: bool = False
    """True once the customer proved that the address is theirs."""
    unasked: bool = False
    """For people besides the customer: they wrote without being put in copy, so nobody vouches for them."""


class Commitment(Struct, frozen=True, kw_only=True):
    """A promise: open, late (by the clock), kept, withdrawn or replaced."""

    position: int
    """Position of the event that made it; its name in later events."""
    text: str
    due: int
    """Microseconds since 1970 in UTC."""
    by: str
    owner: str
    """Ref of the agent who answers for it now."""
    state: str = "open"


class Word(Struct, frozen=True, kw_only=True):
    """The last thing somebody said: position, time, by whom, from which side (`customer` or `agents`), first characters."""

    position: int = 0
    at: int = 0
    actor: str = ""
    side: str = ""
    text: str = ""
    channel: str = ""


class State(Struct, frozen=True, kw_only=True):
    """The conversation after its events so far. Equal for equal events, serialised to JSON beside the conversation."""

    position: int = 0
    opened_at: int = 0
    touched_at: int = 0
    """Time of the last event that was not quiet."""
    status: str = "new"
    """new (nothing yet) | open | snoozed | closed"""
    outcome: str = ""
    subject: str = ""
    customer: Person = field(default_factory=lambda: Person(ref=""))
    others: dict[str, Person] = field(default_factory=dict)
    """Further participants by ref (people in copy, agents who took part)."""
    channel: str = ""
    """The door answers go through: where the customer spoke last, or moved to."""
    opened_by: str = ""
    """The door through which the conversation was opened."""
    assignee: str = ""
    assignee_name: str = ""
    team: str = ""
    offered_to: str = ""
    """Ref of the agent who was asked to take over and has not answered yet."""
    offered_name: str = ""
    waiting_since: int = 0
    """Time of the first customer message nobody answered yet; 0 if none waits."""
    last_word: Word = field(default_factory=Word)
    first_answer_at: int = 0
    commitments: tuple[Commitment, ...] = ()
    decision: int = 0
    """Position of the decision in force; 0 if there is none."""
    decision_text: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    """Last position seen, by ref."""
    unseen_from: int = 0
    """Position of the first line of ours in chat that the customer has neither seen nor been mailed; 0 if there is none."""
    unseen_upto: int = 0
    """Position of the last such line."""
    away_after: int = 0
    """Seconds until unseen lines go by e-mail; 0 switches it off. The site's policy when the conversation was opened."""
    bounced: bool = False
    """True if the last mail to the customer did not arrive."""
    tags: tuple[str, ...] = ()
    snoozed_until: int = 0
    merged_into: str = ""
    """Id of the conversation this one was merged into; empty if it was not."""
    continued_in: str = ""
    """Id of the newer conversation in which a late answer to this one went on; empty if there is none."""
    keep_from: int = 0
    """Time of the last thing said, promised or decided, or of the closing: from here the end of keeping counts (see `keeping`). 0 once
    the content is gone."""
    kept_until: int = 0
    """Until when the customer wants it kept at least."""
    noticed_until: int = 0
    """The end date that the customer was told of."""
    hold: str = ""
    """The ground on which nothing may be crossed out; empty if nothing holds it."""
    gone_at: int = 0
    """When retention took the content; 0 if it never did."""
    erasing: int = 0
    """Position of the customer's wish to be erased that waits to be carried out; 0 if there is none."""
    proposals: tuple[int, ...] = ()
    """Positions of the team's proposals to cross out that wait for a second person."""
    dues: dict[str, int] = field(default_factory=dict)
    """Alarm name to time. The writer keeps one Due row for each; the worker fires it once."""

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def with_due(self, name: str, at: int) -> Self:
        """This state with an alarm set (or moved)."""
        return replace(self, dues={**self.dues, name: at})

    def without_due(self, name: str) -> Self:
        if name not in self.dues:
            return self
        return replace(self, dues={k: v for k, v in self.dues.items() if k != name})

    def unseen_line(self, position: int, at: int) -> Self:
        """This state with one more line that the customer has yet to see, and the alarm that mails it if they do not."""
        state = self.but(unseen_from=self.unseen_from or position, unseen_upto=position)
        if state.away_after and AWAY not in state.dues:
            state = state.with_due(AWAY, at + state.away_after * SECOND)
        return state

    def known_upto(self, position: int) -> Self:
        """This state after the customer got to know every line up to `position`; the alarm stops if none is left."""
        if not self.unseen_from or position < self.unseen_from:
            return self
        if position >= self.unseen_upto:
            return self.but(unseen_from=0, unseen_upto=0).without_due(AWAY)
        return self.but(unseen_from=position + 1)

    @property
    def told_status(self) -> str:
        """The status as customers may know it: that agents put something aside for later is theirs alone."""
        return "open" if self.status == "snoozed" else self.status

    def open_commitments(self) -> tuple[Commitment, ...]:
        return tuple(c for c in self.commitments if c.state == "open")

    def is_customer(self, ref: str) -> bool:
        return ref.startswith("customer:")


def to_json(state: State) -> bytes:
    return msgspec.json.encode(state)


def from_json(raw: bytes | str) -> State:
    return _decoder.decode(raw)


_decoder = msgspec.json.Decoder(State)
# Made here, on one thread: msgspec crashes the process when two threads decode into a type for the first time at once.
