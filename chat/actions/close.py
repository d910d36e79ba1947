"""Close a conversation: an agent with an outcome that both sides read, or the customer whose question is answered."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, CUSTOMER, Action, register_action
from chat.actions.facts import fact
from chat.actions.words import needed, optional
from chat.events.lifecycle import ConversationClosed
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


def _not_closed(state: State) -> None:
    if state.status == "closed":
        raise Refused("This conversation is closed already.", code="closed")


@register_action
class Close(Action):
    name = "close"
    label = "Close"
    shortcut = "E"
    who = AGENTS | CUSTOMER

    class Form(Action.Form, frozen=True):
        outcome: str = ""
        after: int = 0

    def offered(self, case: Case) -> bool:
        return case.state.status != "closed"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        customer = case.who.side == "customer"
        outcome = (
            optional(form.outcome, "outcome", most=500)
            if customer
            else needed(form.outcome, "outcome", most=500, says="Say how it ended: the customer reads it.")
        )
        by = case.state.customer.name or case.who.name if customer else case.who.name
        door = channel if customer else case.state.channel
        return Command(facts=(fact(case, ConversationClosed(by=by, outcome=outcome), key=key, channel=door),), expect=_not_closed)
