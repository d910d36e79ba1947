"""An agent writes a note to the team; whether it stands in the customer's full record is fixed here and now."""

from __future__ import annotations

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.attaching import attached
from chat.actions.facts import INBOX, fact
from chat.actions.words import needed
from chat.events.talk import GROUNDS, NoteAdded
from chat.ledger.append import Command
from chat.ledger.event import DISCLOSED


@register_action
class Note(Action):
    name = "note"
    label = "Add note"
    shortcut = "N"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        text: str
        withheld: str = ""
        """Code of the ground on which the note is kept out of the customer's full record; empty shows it there."""
        attachments: list[str] = []

    def reads(self, form: Form) -> bool:
        return bool(form.attachments)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        if form.withheld and form.withheld not in GROUNDS:
            raise BadForm(f"There are the grounds {', '.join(GROUNDS)}.", field="withheld")
        note = NoteAdded(by=case.who.name, text=needed(form.text, "text"), attachments=attached(case.who, form.attachments))
        return Command(facts=(fact(case, note, key=key, channel=INBOX, disclose=form.withheld or DISCLOSED),))
