"""Somebody of the team turns a proposal to cross out down, or takes their own back. Everything stays."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.erasing import open_proposal
from chat.actions.facts import INBOX, fact
from chat.actions.words import optional
from chat.events.erasure import CrossingDeclined
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class DeclineCrossing(Action):
    name = "decline_crossing"
    label = "Decline to cross out"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        proposal: Annotated[int, Meta(title="Number of the entry that proposes it; 0 if there is only one")] = 0
        reason: str = ""

    def offered(self, case: Case) -> bool:
        return bool(case.state.proposals)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        asked, _ = open_proposal(case, form.proposal)
        body = CrossingDeclined(by=case.who.name, asked=asked, reason=optional(form.reason, "reason", most=500))

        def undecided(state: State) -> None:
            if asked not in state.proposals:
                raise Refused("This proposal has its answer already.", code="moved")

        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=undecided)
