"""An agent answers, in the chat or by e-mail."""

from __future__ import annotations

from typing import Literal

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.attaching import attached
from chat.actions.facts import INBOX, LIVE, MAIL, fact, nothing_newer
from chat.actions.promising import PromiseForm, promised
from chat.actions.words import needed, optional
from chat.events.handoff import HandoffClaimed
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, Joins, Refused
from chat.ledger.state import State


@register_action
class Reply(Action):
    name = "reply"
    label = "Send"
    shortcut = "R"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        text: str = ""
        by: Literal["chat", "email"] = "chat"
        attachments: list[str] = []
        also: list[str] = []
        """Refs of people in copy who get the e-mail too."""
        promise: PromiseForm | None = None
        """A promise that this answer makes, if the agent confirmed one."""
        after: int = 0
        """Position the agent had seen; the answer is held back if the customer wrote after it. 0 does not look."""

    def can_be_undone(self, form: Form) -> bool:
        return form.by == "email"

    def reads(self, form: Form) -> bool:
        return bool(form.attachments or form.promise)

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        files = attached(case.who, form.attachments)
        text = optional(form.text, "text") if files else needed(form.text, "text")
        if form.by == "email" and not case.state.customer.address:
            raise BadForm("No e-mail address is known. Ask for one in the chat.", field="by")
        if form.also and (form.by != "email" or not set(form.also) <= set(case.state.others)):
            raise BadForm("Only people who are in copy can be written to, and only by e-mail.", field="also")
        door = MAIL if form.by == "email" else LIVE
        also = [case.state.others[ref] for ref in dict.fromkeys(form.also)]
        said = MessageSaid(
            by=case.who.name,
            text=text,
            attachments=files,
            also=tuple(person.ref for person in also),
            also_names=tuple(person.name or person.address for person in also),
        )
        facts = [fact(case, said, key=key, channel=door)]
        if form.promise is not None:
            # It goes out with the answer, so it needs no door of its own.
            facts.append(fact(case, promised(case, form.promise), key=f"promise:{key}", channel=INBOX))
        free = not case.state.assignee
        if free:
            # Whoever answers first looks after it from then on.
            facts.append(fact(case, HandoffClaimed(by=case.who.name), key=f"claim:{key}", channel=INBOX))

        def as_it_was_read(state: State) -> None:
            nothing_newer(form.after)(state)
            if free and state.assignee:
                raise Refused(f"{state.assignee_name or 'Somebody'} was quicker and looks after it now. Read, then send.", code="moved")

        return Command(
            facts=tuple(facts),
            expect=as_it_was_read,
            main=0,
            rows=(Joins(conversation=case.conversation, ref=case.who.ref),),
        )
