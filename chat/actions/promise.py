"""An agent promises something by a day. It stays on top for both sides until it is kept."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, register_action
from chat.actions.facts import fact, must_be_open
from chat.actions.promising import PromiseForm, promised
from chat.ledger.append import Command


@register_action
class Promise(Action):
    name = "promise"
    label = "Promise"
    shortcut = "P"
    who = AGENTS
    Form = PromiseForm  # type: ignore[assignment]  # the same words as a promise inside a reply

    def offered(self, case: Case) -> bool:
        return case.state.status != "closed"

    def command(self, case: Case, form: PromiseForm, *, key: str, channel: str) -> Command:
        return Command(facts=(fact(case, promised(case, form), key=key, channel=case.state.channel),), expect=must_be_open)
