"""A team lead releases the hold of a record: from now on it ends, and may be erased, as any other."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import Action, register_action
from chat.actions.facts import INBOX, fact
from chat.actions.words import LINE, needed
from chat.events.retention import HoldReleased
from chat.ledger.append import Command, Refused
from chat.ledger.state import State


@register_action
class ReleaseHold(Action):
    name = "release_hold"
    label = "Release the hold"
    who = frozenset({"lead", "admin"})

    class Form(Action.Form, frozen=True):
        reason: Annotated[str, Meta(title="Why, for the team")]

    def offered(self, case: Case) -> bool:
        return bool(case.state.hold)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        body = HoldReleased(by=case.who.name, reason=needed(form.reason, "reason", most=LINE, says="Why is it released?"))

        def held(state: State) -> None:
            if not state.hold:
                raise Refused("This record is not on hold.", code="moved")

        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=held)
