"""A team lead refuses the customer's wish to be erased, on a ground that the law knows. The customer reads it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import Action, register_action
from chat.actions.facts import MAIL, fact
from chat.actions.words import needed
from chat.events.erasure import REFUSALS, ErasureRefused
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class RefuseErasure(Action):
    name = "refuse_erasure"
    label = "Refuse to erase"
    who = frozenset({"lead", "admin"})

    class Form(Action.Form, frozen=True):
        ground: Annotated[Literal["obligation", "claims", "public", "expression"], Meta(extra={"words": REFUSALS})]
        reason: Annotated[str, Meta(title="In words that the customer reads")]

    def offered(self, case: Case) -> bool:
        return bool(case.state.erasing)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        wish = case.state.erasing
        reason = needed(form.reason, "reason", most=1000, says="Say why: the customer reads it, and may complain about it.")
        body = ErasureRefused(by=case.who.name, asked=wish, ground=form.ground, reason=reason)

        def still_asked(state: State) -> None:
            if not wish or state.erasing != wish:
                raise Refused("Nobody asks for this any more.", code="moved")

        # By mail where there is an address: it matters too much to wait in a chat that nobody looks at.
        door = MAIL if case.state.customer.address else case.state.channel
        return Command(facts=(fact(case, body, key=key, channel=door),), expect=still_asked)
