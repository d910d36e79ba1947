"""People in copy: known from the event on, never more than ten, and never in the customer's place."""

from __future__ import annotations

from chat.events.delivery import MailBounced, MailSent
from chat.events.participants import MOST, ParticipantJoined
from chat.ledger.event import Audience, Stamp
from chat.ledger.state import Person, State

STAMP = Stamp(position=3, at=1_763_720_000_000_000, actor="customer:41", channel="email", audience=Audience.EVERYONE)
NADIAS = State(customer=Person(ref="customer:41", name="Nadia", address="nadia@customer.example"))


def joined(number: int, name: str = "Paul") -> ParticipantJoined:
    return ParticipantJoined(by="Nadia", who=f"customer:{number}", shown_name=name, address=f"{number}@customer.example")


def test_somebody_in_copy_is_known_from_then_on() -> None:
    state = joined(57).fold(NADIAS, STAMP)
    assert state.others == {"customer:57": Person(ref="customer:57", name="Paul", address="57@customer.example")}
    assert not state.others["customer:57"].confirmed


def test_the_customer_is_never_in_copy_of_their_own_conversation() -> None:
    assert joined(41).fold(NADIAS, STAMP) == NADIAS


def test_no_more_than_ten_can_be_written_to() -> None:
    state = NADIAS
    for number in range(100, 100 + MOST + 3):
        state = joined(number).fold(state, STAMP)
    assert len(state.others) == MOST
    assert joined(100, "Paula").fold(state, STAMP).others["customer:100"].name == "Paula"


def test_a_mail_that_did_not_reach_somebody_in_copy_is_no_bounce_of_the_customers() -> None:
    state = joined(57).fold(NADIAS, STAMP)
    assert not MailBounced(of=2, to="57@customer.example").fold(state, STAMP).bounced
    bounced = MailBounced(of=2, to="nadia@customer.example").fold(state, STAMP)
    assert bounced.bounced
    assert MailSent(of=2, to="57@customer.example").fold(bounced, STAMP).bounced
    assert not MailSent(of=2, to="nadia@customer.example").fold(bounced, STAMP).bounced
