"""An agent takes a promise back and says why. The promise and its end both stay in the record."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import fact
from chat.actions.promising import open_promise
from chat.actions.words import needed
from chat.events.commitment import CommitmentWithdrawn
from chat.ledger.append import Command
from chat.ledger.state import State


@register_action
class Withdraw(Action):
    name = "withdraw"
    label = "Withdraw promise"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        promise: int
        reason: str

    def offered(self, case: Case) -> bool:
        return bool(case.state.open_commitments())

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        reason = needed(form.reason, "reason", most=500, says="Say why: the customer reads it.")
        body = CommitmentWithdrawn(by=case.who.name, of=form.promise, reason=reason)

        def still_open(state: State) -> None:
            open_promise(state, form.promise)

        return Command(facts=(fact(case, body, key=key, channel=case.state.channel),), expect=still_open)
