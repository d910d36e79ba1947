"""Tell a name or an address without moving the conversation."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, CUSTOMER, Action, BadForm, register_action
from chat.actions.facts import fact, not_merged
from chat.actions.words import address, line
from chat.events.lifecycle import CustomerIntroduced
from chat.ledger.append import Command
from chat.people.match import customer_of_visitor
from chat.people.models import Customer


@register_action
class Introduce(Action):
    name = "introduce"
    label = "Save name and address"
    who = AGENTS | CUSTOMER

    class Form(Action.Form, frozen=True):
        name: str = ""
        address: str = ""

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        name = line(form.name, "name", most=80)
        mail = address(form.address)
        if not name and not mail:
            raise BadForm("Tell a name or an e-mail address.", field="name")
        customer = Customer.objects.get(pk=int(case.state.customer.ref.partition(":")[2]))
        customer_of_visitor(case.site, _Known(customer.ref), name=name, address=mail)
        by = name or case.state.customer.name if case.who.side == "customer" else case.who.name
        body = CustomerIntroduced(by=by, shown_name=name, address=mail)
        return Command(facts=(fact(case, body, key=key, channel=channel),), expect=not_merged)


class _Known:
    """A customer who has a ref already."""

    visitor = ""

    def __init__(self, ref: str) -> None:
        self.ref = ref
