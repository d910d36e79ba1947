"""An agent asks another one to take over, with a reason that the customer reads. Promises stay and move with the conversation."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.facts import INBOX, fact, must_be_open
from chat.actions.words import needed
from chat.events.handoff import HandoffOffered
from chat.ledger.append import Command, Joins
from chat.people.models import Agent


@register_action
class HandOff(Action):
    name = "hand_off"
    label = "Hand over"
    shortcut = "H"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        to: str
        """Ref of the agent who is asked."""
        reason: str

    def offered(self, case: Case) -> bool:
        return case.state.status != "closed"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        reason = needed(form.reason, "reason", most=500, says="Say why: the customer reads it.")
        side, _, number = form.to.partition(":")
        colleague = Agent.objects.filter(
            pk=int(number) if side == "agent" and number.isdecimal() else 0, is_active=True, sites=case.site, role__in=AGENTS
        ).first()
        if colleague is None or colleague.ref == case.who.ref:
            raise BadForm("Choose a colleague of this site.", field="to")
        offered = HandoffOffered(by=case.who.name, to=colleague.ref, to_name=colleague.public_name, reason=reason)
        return Command(
            facts=(fact(case, offered, key=key, channel=INBOX),),
            expect=must_be_open,
            rows=(Joins(conversation=case.conversation, ref=colleague.ref),),
        )
