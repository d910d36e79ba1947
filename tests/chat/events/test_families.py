"""What decisions, calls and the assistant change in the state of a conversation."""

from __future__ import annotations

from chat.events.bot import BotAnswered, BotPassed
from chat.events.call import CallAsked, CallMissed, CallStarted
from chat.events.decision import DecisionIssued
from chat.ledger.event import Audience, Stamp
from chat.ledger.state import State


def _stamp(position: int, *, actor: str = "agent:3", channel: str = "widget") -> Stamp:
    return Stamp(position=position, at=position * 10, actor=actor, channel=channel, audience=Audience.EVERYONE)


def test_the_latest_decision_is_in_force() -> None:
    state = DecisionIssued(by="Ruth", text="No replacement.", reasons="Terms 6.2").fold(State(), _stamp(4))
    state = DecisionIssued(by="Ruth", text="A replacement.", reasons="Review", replaces=4).fold(state, _stamp(9))
    assert (state.decision, state.decision_text) == (9, "A replacement.")


def test_who_asks_for_a_call_waits_until_it_starts() -> None:
    state = CallAsked(by="Nadia").fold(State(), _stamp(2, actor="customer:41"))
    assert state.waiting_since == 20
    assert CallStarted(by="Tom", with_name="Nadia").fold(state, _stamp(3)).waiting_since == 0


def test_a_call_we_missed_makes_the_customer_wait() -> None:
    assert CallMissed(by="Nadia", inbound=True).fold(State(), _stamp(2)).waiting_since == 20
    assert CallMissed(by="Tom", inbound=False).fold(State(), _stamp(2)).waiting_since == 0


def test_an_automatic_answer_goes_by_mail_when_nobody_sees_it() -> None:
    state = BotAnswered(by="Assistant", text="On Thursday.").fold(State(away_after=120), _stamp(5, actor="bot:faq"))
    assert state.unseen_from == 5
    assert state.dues == {"away": 50 + 120_000_000}


def test_being_passed_on_starts_the_wait_for_a_person() -> None:
    state = BotAnswered(by="Assistant", text="On Thursday.").fold(State(waiting_since=10), _stamp(5, actor="bot:faq"))
    assert state.waiting_since == 0
    assert BotPassed(by="Assistant", reason="asked").fold(state, _stamp(6, actor="bot:faq")).waiting_since == 60
