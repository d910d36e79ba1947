"""A team lead puts a record on hold: nothing of it is crossed out until the hold is released, whoever asks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import Action, register_action
from chat.actions.facts import INBOX, fact
from chat.actions.words import LINE, needed
from chat.events.retention import HOLD_GROUNDS, HoldSet
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class Hold(Action):
    name = "hold"
    label = "Put on hold"
    who = frozenset({"lead", "admin"})

    class Form(Action.Form, frozen=True):
        reason: Annotated[str, Meta(title="Why, for the team")]
        ground: Annotated[Literal["claims", "court", "obligation"], Meta(title="Ground in law", extra={"words": HOLD_GROUNDS})] = "claims"

    def offered(self, case: Case) -> bool:
        return not case.state.hold

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        body = HoldSet(by=case.who.name, reason=needed(form.reason, "reason", most=LINE, says="Why is it held?"), ground=form.ground)

        def free(state: State) -> None:
            if state.hold:
                raise Refused("This record is on hold already.", code="moved")

        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=free)
