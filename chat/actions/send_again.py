"""Let mail through again to addresses that bounced, and send what bounced last once more, under the same Message-ID."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import INBOX, MAIL, fact, not_merged
from chat.events.delivery import MailResumed
from chat.ledger import deliveries
from chat.ledger.append import Command, Refused
from chat.people import pausing


@register_action
class SendAgain(Action):
    name = "send_again"
    label = "Send again"
    who = AGENTS

    def offered(self, case: Case) -> bool:
        return case.state.bounced and bool(case.state.customer.address)

    def command(self, case: Case, form: Action.Form, *, key: str, channel: str) -> Command:
        customer = case.state.customer
        if not customer.address:
            raise Refused("There is no e-mail address to send it to.", code="moved")
        not_merged(case.state)
        # Both bear being done twice: the event after them says that somebody wanted it.
        for person in (customer, *case.state.others.values()):
            pausing.lift(case.site.pk, person.address)
            deliveries.once_more(case.conversation, person.ref, MAIL)
        body = MailResumed(by=case.who.name, to=customer.address)
        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=not_merged)
