"""To whom a mail of ours goes: the customer, or somebody in copy, each at an address of their own. Reads the head, sends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from chat.ledger.read import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One reader of our mail. Nobody but `main` gets earlier history, links or the record."""

    ref: str
    address: str
    """Empty if none is known: then there is nothing to send to."""
    name: str
    confirmed: bool
    """True once they proved that the address is theirs; never for people in copy."""
    main: bool
    """Whether this is the customer whose conversation it is."""

    @property
    def number(self) -> int:
        """The addressee as tags name it."""
        return number_of(self.ref)


def of(head: Head, ref: str) -> Addressee:
    """The participant `ref` as this conversation knows them. A ref that it does not know has no address."""
    state = head.state
    main = ref == state.customer.ref
    person = state.customer if main else state.others.get(ref)
    if person is None:
        return Addressee(ref=ref, address="", name="", confirmed=False, main=False)
    return Addressee(ref=ref, address=person.address, name=person.name, confirmed=main and person.confirmed, main=main)


def number_of(ref: str) -> int:
    """The number in a customer's ref; 0 if it holds none."""
    side, _, number = ref.partition(":")
    return int(number) if side == "customer" and number.isdecimal() else 0
