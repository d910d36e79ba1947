"""Open a closed conversation again."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, CUSTOMER, Action, register_action
from chat.actions.facts import INBOX, fact, not_merged
from chat.actions.words import optional
from chat.events.lifecycle import ConversationReopened
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


def _closed(state: State) -> None:
    not_merged(state)
    if state.status != "closed":
        raise Refused("This conversation is open.", code="moved")


@register_action
class Reopen(Action):
    name = "reopen"
    label = "Open again"
    shortcut = "E"
    who = AGENTS | CUSTOMER

    class Form(Action.Form, frozen=True):
        reason: str = ""

    def offered(self, case: Case) -> bool:
        return case.state.status == "closed"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        customer = case.who.side == "customer"
        by = case.state.customer.name or case.who.name if customer else case.who.name
        body = ConversationReopened(by=by, reason=optional(form.reason, "reason", most=500))
        return Command(facts=(fact(case, body, key=key, channel=channel if customer else INBOX),), expect=_closed)
