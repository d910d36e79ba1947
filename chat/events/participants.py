"""People besides the customer: put in copy by the customer, or writing into the conversation themselves. Knows no Django and no mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import Person, State

MOST = 10
"""People besides the customer who can be written to in one conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantJoined(Kind):
    """Somebody can be written to from now on, by those who answer. They see nothing of what was before, and have no link to the record."""

    name: ClassVar[str] = "participant.joined"
    personal: ClassVar[frozenset[str]] = frozenset({"by", "shown_name", "address"})
    quiet: ClassVar[bool] = True

    by: str
    """Who brought them in; their own name if they wrote without being asked."""
    who: str
    """Ref of the one who joined."""
    shown_name: str = ""
    address: str = ""
    how: str = "copy"
    """`copy`: the customer put them in copy. `wrote`: they answered a mail that was not meant for them, and nobody vouched for them."""

    def sentence(self) -> str:
        who = self.shown_name or self.address or "Somebody"
        return f"{who} wrote into this conversation." if self.how == "wrote" else f"{self.by or 'The customer'} put {who} in copy."

    def fold(self, state: State, stamp: Stamp) -> State:
        if self.who == state.customer.ref or (self.who not in state.others and len(state.others) >= MOST):
            return state
        person = Person(ref=self.who, name=self.shown_name, address=self.address, unasked=self.how == "wrote")
        return state.but(others={**state.others, self.who: person})

    @classmethod
    def example(cls) -> Self:
        return cls(by="Nadia", who="customer:57", shown_name="Paul", address="paul@customer.example")
