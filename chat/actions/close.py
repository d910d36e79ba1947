"""Close a conversation: an agent with an outcome that both sides read, or the customer whose question is answered."""

from __future__ import annotations

from collections.abc import Callable

from chat.actions.access import Case
from chat.actions.action import AGENTS, CUSTOMER, Action, register_action
from chat.actions.facts import fact, nothing_newer
from chat.actions.words import needed, optional
from chat.events.lifecycle import ConversationClosed
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


def _as_it_was_read(after: int) -> Callable[[State], None]:
    def guard(state: State) -> None:
        nothing_newer(after)(state)
        if state.status == "closed":
            raise Refused("This conversation is closed already.", code="closed")

    return guard


@register_action
class Close(Action):
    name = "close"
    label = "Close"
    shortcut = "E"
    who = AGENTS | CUSTOMER

    class Form(Action.Form, frozen=True):
        outcome: str = ""
        after: int = 0
        """Position the agent had seen; nothing is closed over the head of a customer who wrote after it. 0 does not look."""

    def can_be_undone(self, form: Form) -> bool:
        return True

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
        closed = ConversationClosed(by=by, outcome=outcome)
        return Command(facts=(fact(case, closed, key=key, channel=door),), expect=_as_it_was_read(form.after))
