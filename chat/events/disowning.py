"""Somebody who got a mail of ours says that it was not them who wrote to us. Knows no Django and no mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from chat.ledger.event import Kind, Stamp
from chat.ledger.state import Person, State


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDisowned(Kind):
    """The owner of an address that nobody had confirmed: nothing more of this conversation goes there."""

    name: ClassVar[str] = "address.disowned"
    personal: ClassVar[frozenset[str]] = frozenset({"address"})

    of: int
    """Position of the event whose mail they got."""
    who: str
    """Ref of the participant who had given the address."""
    address: str = ""

    def sentence(self) -> str:
        return "The owner of the address said that it was not them who wrote. No more mail goes there."

    def fold(self, state: State, stamp: Stamp) -> State:
        if self.who == state.customer.ref:
            known = state.customer
            mistaken = known.address == self.address and not known.confirmed
            # Among those whose mail did not arrive: the agents have to ask for another address.
            return state.but(customer=Person(ref=known.ref, name=known.name), bounced=True) if mistaken else state
        other = state.others.get(self.who)
        if other is None or other.address != self.address:
            return state
        return state.but(others={**state.others, self.who: Person(ref=other.ref, name=other.name, unasked=other.unasked)})

    @classmethod
    def example(cls) -> Self:
        return cls(of=7, who="customer:41", address="nadia@customer.example")
