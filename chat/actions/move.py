"""Go on by e-mail: the customer asks for it, or an agent says why. The chat stays open."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, CUSTOMER, Action, BadForm, register_action
from chat.actions.facts import LIVE, MAIL, fact, must_be_open, not_merged
from chat.actions.words import address, needed
from chat.events.lifecycle import ConversationMoved
from chat.ledger.append import Command
from chat.ledger.read import spoken
from chat.people.match import typed
from chat.people.models import Customer


@register_action
class Move(Action):
    name = "move"
    label = "Continue by e-mail"
    who = AGENTS | CUSTOMER

    class Form(Action.Form, frozen=True):
        address: str = ""
        reason: str = ""
        history: bool = False

    def offered(self, case: Case) -> bool:
        return case.state.channel != MAIL and case.state.status != "closed"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        mail = address(form.address) or case.state.customer.address
        if not mail:
            raise BadForm("Which e-mail address shall we write to?", field="address")
        customer = case.who.side == "customer"
        reason = form.reason.strip()[:500] if customer else needed(form.reason, "reason", most=500, says="Say why: the customer reads it.")
        owner = Customer.objects.filter(pk=int(case.state.customer.ref.partition(":")[2] or 0)).first()
        if owner is not None:
            typed(owner, mail)
        state = case.state
        lines = spoken(case.conversation, state.unseen_from, state.unseen_upto, channel=LIVE) if state.unseen_from else ()
        body = ConversationMoved(
            by=case.state.customer.name or case.who.name if customer else case.who.name,
            address=mail,
            reason=reason,
            history=form.history,
            lines=lines,
        )
        return Command(facts=(fact(case, body, key=key, channel=MAIL),), expect=not_merged if customer else must_be_open)
