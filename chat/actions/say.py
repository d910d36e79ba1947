"""A customer writes in the chat. On a closed conversation it opens it again."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import CUSTOMER, Action, register_action
from chat.actions.attaching import attached
from chat.actions.facts import fact, not_merged
from chat.actions.words import needed, optional
from chat.events.talk import MessageSaid
from chat.ledger.append import Command


@register_action
class Say(Action):
    name = "say"
    label = "Send"
    who = CUSTOMER

    class Form(Action.Form, frozen=True):
        text: str = ""
        attachments: list[str] = []

    def reads(self, form: Form) -> bool:
        return bool(form.attachments)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        files = attached(case.who, form.attachments)
        text = optional(form.text, "text") if files else needed(form.text, "text")
        said = MessageSaid(by=case.state.customer.name or case.who.name, text=text, attachments=files)
        return Command(facts=(fact(case, said, key=key, channel=channel),), expect=not_merged)
