"""A conversation goes on in another one: merged into it by an agent, or continued by a customer who came back long after the end.

Knows no Django and no channel's workings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMerged(Kind):
    """This conversation goes on in another one, or took another one in. Each chain stays its own."""

    name: ClassVar[str] = "conversation.merged"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})
    audience: ClassVar[Audience] = Audience.AGENTS

    by: str
    other: str
    """Id of the other conversation."""
    into: bool
    """True in the one that ends, False in the one that goes on."""
    reason: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} {'continued this conversation in another one' if self.into else 'took another conversation in'}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(merged_into=self.other, status="closed", waiting_since=0) if self.into else state

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", other="7123004123", into=True, reason="Nadia wrote twice about the same lamp.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationContinued(Kind):
    """The customer answered long after the end, so a new conversation goes on from an old one. Each of the two says so."""

    name: ClassVar[str] = "conversation.continued"
    audience: ClassVar[Audience] = Audience.AGENTS
    quiet: ClassVar[bool] = True

    other: str
    """Id of the other conversation."""
    onward: bool
    """True in the old one, False in the new one."""
    case: str = ""
    """Case number of the old one. The new one has none yet when it is written down."""

    def sentence(self) -> str:
        return "This conversation goes on in a new one." if self.onward else f"This conversation goes on from {self.case}."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(continued_in=self.other) if self.onward else state

    @classmethod
    def example(cls) -> Self:
        return cls(other="7123004123", onward=False, case="BR-4821")
