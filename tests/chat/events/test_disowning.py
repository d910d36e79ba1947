"""Who never wrote gets no more mail: the address goes, the person stays, and a confirmed address cannot be taken away."""

from __future__ import annotations

from chat.events.disowning import AddressDisowned
from chat.ledger.event import Audience, Stamp
from chat.ledger.state import Person, State

STAMP = Stamp(position=3, at=1_763_720_000_000_000, actor="system", channel="email", audience=Audience.EVERYONE)
NADIA = Person(ref="customer:41", name="Nadia", address="nadia@customer.example")
PAUL = Person(ref="customer:57", name="Paul", address="paul@customer.example")


def disowned(person: Person, address: str = "") -> AddressDisowned:
    return AddressDisowned(of=2, who=person.ref, address=address or person.address)


def test_the_customers_address_goes_and_agents_see_it_among_mail_that_bounced() -> None:
    state = disowned(NADIA).fold(State(customer=NADIA), STAMP)
    assert (state.customer.name, state.customer.address, state.bounced) == ("Nadia", "", True)


def test_a_confirmed_or_another_address_stays() -> None:
    confirmed = State(customer=Person(ref=NADIA.ref, name="Nadia", address=NADIA.address, confirmed=True))
    assert disowned(NADIA).fold(confirmed, STAMP) == confirmed
    state = State(customer=NADIA)
    assert disowned(NADIA, "nadia@elsewhere.example").fold(state, STAMP) == state


def test_somebody_in_copy_is_written_to_no_more() -> None:
    state = disowned(PAUL).fold(State(customer=NADIA, others={PAUL.ref: PAUL}), STAMP)
    assert state.others[PAUL.ref].address == ""
    assert state.customer == NADIA
