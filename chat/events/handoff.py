"""Who has the conversation: claimed, offered with a reason, accepted, declined, released. Knows no Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from msgspec.structs import replace

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import State


def _given_to(state: State, ref: str, name: str) -> State:
    """The state with a new owner: of the conversation and of every promise that is still open."""
    promises = tuple(replace(c, owner=ref) if c.state == "open" else c for c in state.commitments)
    return state.but(assignee=ref, assignee_name=name, offered_to="", offered_name="", commitments=promises)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffClaimed(Kind):
    """An agent takes a conversation that nobody had, or takes it over at once."""

    name: ClassVar[str] = "handoff.claimed"
    personal: ClassVar[frozenset[str]] = frozenset({"by"})

    by: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} looks after this conversation now."

    def fold(self, state: State, stamp: Stamp) -> State:
        return _given_to(state, stamp.actor, self.by)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffOffered(Kind):
    """An agent asks another to take over. The customer reads the reason; open promises stay."""

    name: ClassVar[str] = "handoff.offered"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "to_name"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "to_name", "reason"})

    by: str
    to: str
    """Ref of the agent who is asked."""
    to_name: str
    reason: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} asked {self.to_name or 'a colleague'} to take over."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(offered_to=self.to, offered_name=self.to_name)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", to="agent:4", to_name="Ines", reason="Card refunds need approval by Ines.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffAccepted(Kind):
    name: ClassVar[str] = "handoff.accepted"
    derived: ClassVar[frozenset[str]] = frozenset({"by", "from_name"})
    personal: ClassVar[frozenset[str]] = frozenset({"by", "from_name"})

    by: str
    from_name: str = ""

    def sentence(self) -> str:
        return f"{self.from_name or 'A colleague'} passed this conversation to {self.by or 'somebody'}. Our promises stay."

    def fold(self, state: State, stamp: Stamp) -> State:
        return _given_to(state, stamp.actor, self.by)

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", from_name="Tom")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffDeclined(Kind):
    name: ClassVar[str] = "handoff.declined"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})

    by: str
    reason: str = ""

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} did not take over."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(offered_to="", offered_name="")

    @classmethod
    def example(cls) -> Self:
        return cls(by="Ines", reason="I am away until Monday.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffReleased(Kind):
    """The conversation goes back to the team, with the reason."""

    name: ClassVar[str] = "handoff.released"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "reason"})

    by: str
    reason: str

    def sentence(self) -> str:
        return f"{self.by or 'Somebody'} gave this conversation back to the team."

    def fold(self, state: State, stamp: Stamp) -> State:
        return state.but(assignee="", assignee_name="", offered_to="", offered_name="")

    @classmethod
    def example(cls) -> Self:
        return cls(by="Tom", reason="My shift ends.")
