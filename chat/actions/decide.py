"""An agent issues a final decision: what, why, and what the customer can do about it. Only another decision follows it."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.facts import fact, must_be_open
from chat.actions.words import LINE, needed
from chat.events.decision import DecisionIssued
from chat.ledger.append import Command

MOST = 6
"""Remedies at most."""


@register_action
class Decide(Action):
    name = "decide"
    label = "Decide"
    shortcut = "D"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        text: str
        reasons: str
        remedies: list[str]

    def offered(self, case: Case) -> bool:
        return case.state.status != "closed"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        if not 0 < len(form.remedies) <= MOST:
            raise BadForm("Name what the customer can do if they disagree: one to six ways.", field="remedies")
        body = DecisionIssued(
            by=case.who.name,
            text=needed(form.text, "text", most=1000, says="Say what is decided."),
            reasons=needed(form.reasons, "reasons", most=4000, says="Say why it is decided so."),
            remedies=tuple(needed(line, "remedies", most=LINE, says="A way without words is none.") for line in form.remedies),
            role=case.who.role,
            replaces=case.state.decision,
        )
        return Command(facts=(fact(case, body, key=key, channel=case.state.channel),), expect=must_be_open)
