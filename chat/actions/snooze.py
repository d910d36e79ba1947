"""Put a conversation aside until a time; it comes back by itself, or as soon as the customer writes."""

from __future__ import annotations

import time

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.facts import INBOX, fact, must_be_open
from chat.events.lifecycle import SNOOZE, ConversationSnoozed, ConversationWoken
from chat.ledger.append import Command
from chat.ledger.due import register_alarm, system_fact
from chat.ledger.read import Head
from chat.ledger.state import SECOND

YEAR = 366 * 86_400 * SECOND


@register_action
class Snooze(Action):
    name = "snooze"
    label = "Snooze"
    shortcut = "Z"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        until: int
        """Microseconds since 1970 in UTC."""

    def offered(self, case: Case) -> bool:
        return case.state.status == "open"

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        now = time.time_ns() // 1000
        if not now < form.until < now + YEAR:
            raise BadForm("Choose a time within the next year.", field="until")
        body = ConversationSnoozed(by=case.who.name, until=form.until)
        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=must_be_open)


def wake(found: Head, name: str, key: str) -> Command:
    """The snooze came to its end."""
    return Command(facts=(system_fact(found, ConversationWoken(), key),))


register_alarm(SNOOZE, wake)
