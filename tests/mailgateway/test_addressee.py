"""Who gets a mail of ours: the customer, and those in copy whom the agent addresses; nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from chat.events.talk import MessageSaid
from chat.ledger.read import Head
from chat.ledger.state import Person, State
from mailgateway import addressee, channel

NADIA = Person(ref="customer:41", name="Nadia", address="nadia@customer.example", confirmed=True)
PAUL = Person(ref="customer:57", name="Paul", address="paul@customer.example")
STATE = State(customer=NADIA, others={PAUL.ref: PAUL})


@dataclass
class Placed:
    position: int = 3
    actor: str = "agent:3"
    channel: str = "email"
    audience: str = "everyone"


def targets(*, actor: str = "agent:3", also: tuple[str, ...] = ()) -> list[str]:
    body = MessageSaid(by="Tom", text="It left this morning.", also=also)
    return [intent.target for intent in channel.route(body, Placed(actor=actor), STATE)]


def test_an_answer_goes_to_the_customer_alone_unless_somebody_else_is_addressed() -> None:
    assert targets() == ["customer:41"]
    assert targets(also=("customer:57",)) == ["customer:41", "customer:57"]


def test_nobody_is_written_to_who_is_not_in_copy() -> None:
    assert targets(also=("customer:99",)) == ["customer:41"]


def test_what_customers_and_those_in_copy_write_is_mailed_to_nobody() -> None:
    assert targets(actor="customer:41") == targets(actor="customer:57") == []


def test_somebody_in_copy_is_never_confirmed_nor_the_one_whose_conversation_it_is() -> None:
    head = Head(conversation=77, site=1, number=4, position=3, seal=b"", last_at=0, state=STATE)
    paul, nadia = addressee.of(head, PAUL.ref), addressee.of(head, NADIA.ref)
    assert (paul.address, paul.number, paul.confirmed, paul.main) == ("paul@customer.example", 57, False, False)
    assert (nadia.address, nadia.number, nadia.confirmed, nadia.main) == ("nadia@customer.example", 41, True, True)
    assert not addressee.of(head, "customer:99").address
