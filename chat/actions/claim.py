"""An agent takes a conversation that nobody has."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import INBOX, fact
from chat.events.handoff import HandoffClaimed
from chat.ledger.append import Command, Joins, Refused
from chat.ledger.state import State


@register_action
class Claim(Action):
    name = "claim"
    label = "Assign to me"
    shortcut = "A"
    who = AGENTS

    def offered(self, case: Case) -> bool:
        return not case.state.assignee and case.state.status != "closed"

    def command(self, case: Case, form: Action.Form, *, key: str, channel: str) -> Command:
        me = case.who.ref

        def still_free(state: State) -> None:
            if state.assignee and state.assignee != me:
                raise Refused(f"{state.assignee_name or 'Somebody'} was quicker and looks after it now.", code="moved")

        return Command(
            facts=(fact(case, HandoffClaimed(by=case.who.name), key=key, channel=INBOX),),
            expect=still_free,
            rows=(Joins(conversation=case.conversation, ref=me),),
        )
