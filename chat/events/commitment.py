"""Promises to the customer: made, kept, withdrawn with a reason, replaced by another.

Knows no Django and no clock: whether one is late is a matter of reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from msgspec.structs import replace

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import Commitment, State


def _settled(state: State, of: int, word: str) -> State:
    """The state with the open promise made at position `of` brought to its end."""
    return state.but(commitments=tuple(replace(c, state=word) if c.position == of and c.state == "open" else c for c in state.commitments))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMade(Kind):
    """A promise with a date. Its name in later events is the position of this one."""

    name: ClassVar[str] = "commitment.made"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    text: str
    due: int
    """Microseconds since 1970 in UTC."""
    of: int = 0
    """Position of the line it was given in; 0 if it stands alone."""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} made a promise."

    def fold(self, state: State, stamp: Stamp) -> State:
        owner = state.assignee or stamp.actor
        promise = Commitment(position=stamp.position, text=self.text, due=self.due, by=self.by, owner=owner)
        return state.but(commitments=(*state.commitments, promise))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", text="Refund of EUR 40", due=1_764_255_600_000_000, of=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentKept(Kind):
    """A promise was kept; `proof` lets the customer check it (a bank reference, a parcel number)."""

    name: ClassVar[str] = "commitment.kept"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "proof"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    of: int
    """Position of the event that made it."""
    proof: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} kept the promise of entry {self.of}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return _settled(state, self.of, "kept")

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", of=7, proof="Bank reference RF-20261125-0093")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentWithdrawn(Kind):
    """A promise is taken back, with a reason the customer reads."""

    name: ClassVar[str] = "commitment.withdrawn"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    of: int
    reason: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} withdrew the promise of entry {self.of}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return _settled(state, self.of, "withdrawn")

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", of=7, reason="The lamp is out of stock, so it cannot be sent on Friday.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentReplaced(Kind):
    """Another promise takes the place of an earlier one; the new one is named by the position of this event."""

    name: ClassVar[str] = "commitment.replaced"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "text", "reason"})
    speaks: ClassVar[bool] = True
    keeps: ClassVar[bool] = True

    by: str
    of: int
    """Position of the promise that is replaced."""
    text: str
    due: int
    """Microseconds since 1970 in UTC."""
    reason: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} replaced the promise of entry {self.of} by another."

    def fold(self, state: State, stamp: Stamp) -> State:
        state = _settled(state, self.of, "replaced")
        owner = state.assignee or stamp.actor
        promise = Commitment(position=stamp.position, text=self.text, due=self.due, by=self.by, owner=owner)
        return state.but(commitments=(*state.commitments, promise))

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", of=7, text="Refund of EUR 40", due=1_764_601_200_000_000, reason="The bank is closed on Friday.")
