"""An agent marks a promise as kept, with what shows it."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import fact
from chat.actions.promising import open_promise
from chat.actions.words import LINE, optional
from chat.events.commitment import CommitmentKept
from chat.ledger.append import Command
from chat.ledger.state import State


@register_action
class Keep(Action):
    name = "keep"
    label = "Mark kept"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        promise: int
        """Position of the promise."""
        proof: str = ""

    def offered(self, case: Case) -> bool:
        return bool(case.state.open_commitments())

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        body = CommitmentKept(by=case.who.name, of=form.promise, proof=optional(form.proof, "proof", most=LINE))

        def still_open(state: State) -> None:
            open_promise(state, form.promise)

        return Command(facts=(fact(case, body, key=key, channel=case.state.channel),), expect=still_open)
