"""The agent who was asked takes over."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import INBOX, fact
from chat.events.handoff import HandoffAccepted
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class Accept(Action):
    name = "accept"
    label = "Take over"
    who = AGENTS

    def offered(self, case: Case) -> bool:
        return case.state.offered_to == case.who.ref

    def command(self, case: Case, form: Action.Form, *, key: str, channel: str) -> Command:
        me = case.who.ref

        def still_asked(state: State) -> None:
            if state.offered_to != me:
                raise Refused("You are not asked to take over any more.", code="moved")

        body = HandoffAccepted(by=case.who.name, from_name=case.state.assignee_name)
        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=still_asked)
