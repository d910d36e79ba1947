"""Who somebody is in a conversation, by the address they write from: its customer, somebody in copy, or a stranger. Reads, writes nothing.

A From line alone proves nothing: whether it is believed is said in `answering`.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat.ledger.read import Head
from chat.people.models import Address
from mailgateway.addressee import number_of


@dataclass(frozen=True, slots=True)
class Role:
    """`ref` is empty for a stranger."""

    ref: str = ""
    main: bool = False
    """The customer whose conversation it is."""
    unasked: bool = False
    """Takes part because they wrote, and not because somebody put them in copy."""

    @property
    def known(self) -> bool:
        return bool(self.ref)


STRANGER = Role()


def of(head: Head, sender: str) -> Role:
    """`sender` is an address in lower case."""
    state = head.state
    if not sender:
        return STRANGER
    if sender == state.customer.address.lower() or _confirmed(state.customer.ref, sender):
        return Role(state.customer.ref, main=True)
    found = next((person for person in state.others.values() if person.address.lower() == sender), None)
    return Role(found.ref, unasked=found.unasked) if found else STRANGER


def _confirmed(ref: str, sender: str) -> bool:
    return Address.objects.filter(customer_id=number_of(ref), address=sender, confirmed_at__isnull=False).exists()
