"""The customer has their record kept longer than the site would keep it, up to ten years from now. It is never kept shorter by it."""

from __future__ import annotations

import time

from chat.actions.access import Case
from chat.actions.action import CUSTOMER, Action, BadForm, register_action
from chat.actions.facts import fact
from chat.actions.words import LINE, optional
from chat.events.retention import RetentionExtended
from chat.ledger.append import Command, Refused
from chat.ledger.keeping import DAY, LONGEST_DAYS, ends_at, is_gone
from chat.ledger.state import State


@register_action
class KeepLonger(Action):
    name = "keep_longer"
    label = "Keep longer"
    who = CUSTOMER

    class Form(Action.Form, frozen=True):
        until: int
        """Microseconds since 1970 in UTC."""
        reason: str = ""

    def offered(self, case: Case) -> bool:
        return not is_gone(case.state)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        if form.until > time.time_ns() // 1000 + LONGEST_DAYS * DAY:
            raise BadForm("A record can be kept for ten years from today, not longer.", field="until")
        body = RetentionExtended(by=case.who.name, until=form.until, reason=optional(form.reason, "reason", most=LINE))
        keep_days = case.site.keep_days

        def longer(state: State) -> None:
            if is_gone(state):
                raise Refused("The content of this record is gone.", code="closed")
            if form.until <= ends_at(state, keep_days=keep_days):
                raise BadForm("It is kept longer than that already.", field="until")

        return Command(facts=(fact(case, body, key=key, channel=channel),), expect=longer)
