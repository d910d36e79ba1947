"""The customer has a link to their record mailed to themselves. It goes to a confirmed address alone: another one may be a stranger's."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import CUSTOMER, Action, register_action
from chat.actions.facts import MAIL, not_merged
from chat.events.privacy import LinkMailed
from chat.ledger.append import Command, Fact, Refused
from chat.ledger.state import State


@register_action
class SendLink(Action):
    name = "send_link"
    label = "Send it to my e-mail"
    who = CUSTOMER

    def offered(self, case: Case) -> bool:
        return case.state.customer.confirmed

    def command(self, case: Case, form: Action.Form, *, key: str, channel: str) -> Command:
        ref = case.who.ref

        def confirmed(state: State) -> None:
            not_merged(state)
            if state.customer.ref != ref or not state.customer.confirmed:
                raise Refused("There is no confirmed address yet. Answer one of our mails, or open your record with the code we mail you.")

        # Not the customer's own words: those are mailed to nobody.
        body = LinkMailed(by=case.state.customer.name or case.who.name)
        fact = Fact(conversation=case.conversation, body=body, actor="system", channel=MAIL, key=key)
        return Command(facts=(fact,), expect=confirmed)
