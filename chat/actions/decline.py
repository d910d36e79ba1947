"""The agent who was asked does not take over; the conversation stays where it is."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import INBOX, fact
from chat.actions.words import optional
from chat.events.handoff import HandoffDeclined
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class Decline(Action):
    name = "decline"
    label = "Not me"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        reason: str = ""

    def offered(self, case: Case) -> bool:
        return case.state.offered_to == case.who.ref

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        me = case.who.ref

        def still_asked(state: State) -> None:
            if state.offered_to != me:
                raise Refused("You are not asked to take over any more.", code="moved")

        body = HandoffDeclined(by=case.who.name, reason=optional(form.reason, "reason", most=500))
        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=still_asked)
