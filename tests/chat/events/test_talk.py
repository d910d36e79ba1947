"""What saying something changes in the state of a conversation."""

from __future__ import annotations

from chat.events.talk import MessageSaid
from chat.ledger.event import Audience, Stamp
from chat.ledger.state import Person, State

NADIA = Person(ref="customer:41", name="Nadia", address="nadia@customer.example")


def _stamp(actor: str, channel: str) -> Stamp:
    return Stamp(position=5, at=50, actor=actor, channel=channel, audience=Audience.EVERYONE)


def test_answers_go_through_the_door_where_the_customer_spoke_last() -> None:
    state = MessageSaid(by="Nadia", text="By mail now.").fold(State(customer=NADIA, channel="widget"), _stamp("customer:41", "email"))
    assert state.channel == "email"


def test_a_stranger_in_the_thread_is_heard_but_moves_no_door() -> None:
    state = State(customer=NADIA, channel="widget", status="closed")
    state = MessageSaid(by="Omar", text="Me too.").fold(state, _stamp("customer:77", "email"))
    assert (state.channel, state.status, state.waiting_since) == ("widget", "open", 50)
