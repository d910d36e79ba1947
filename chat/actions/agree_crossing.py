"""A second one of the team agrees to a proposal to cross out; it is carried out at once, and both sides read that it was."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import Action, Forbidden, register_action
from chat.actions.erasing import open_proposal
from chat.actions.facts import INBOX, fact
from chat.events.erasure import CrossingAgreed
from chat.ledger.append import Command, Refused
from chat.ledger.keeping import not_held
from chat.ledger.state import State


@register_action
class AgreeCrossing(Action):
    name = "agree_crossing"
    label = "Agree to cross out"
    who = frozenset({"lead", "admin"})

    class Form(Action.Form, frozen=True):
        proposal: Annotated[int, Meta(title="Number of the entry that proposes it; 0 if there is only one")] = 0

    def offered(self, case: Case) -> bool:
        return bool(case.state.proposals)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        asked, proposal = open_proposal(case, form.proposal)
        if proposal.proposed_by == case.who.ref:
            raise Forbidden("A second person decides: not the one who proposed it.")
        body = CrossingAgreed(by=case.who.name, asked=asked)

        def undecided(state: State) -> None:
            not_held(state)
            if asked not in state.proposals:
                raise Refused("This proposal has its answer already.", code="moved")

        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=undecided)
