"""One of the team proposes to cross something out before its time: a field, a file, what one person said, or the whole record."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta

from chat.actions.access import Case
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.facts import INBOX, fact
from chat.actions.words import needed
from chat.events.erasure import GROUNDS, CrossingProposed
from chat.ledger import erase, read
from chat.ledger.append import Command
from chat.ledger.keeping import not_held
from chat.transcripts.clock import Clock

_PERSON = re.compile(r"customer:[0-9]{1,18}\Z")


@register_action
class ProposeCrossing(Action):
    name = "propose_crossing"
    label = "Propose to cross out"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        ground: Annotated[Literal["request", "mistake", "others", "unlawful", "court"], Meta(extra={"words": GROUNDS})]
        reason: Annotated[str, Meta(title="Why (the customer reads it)")]
        entry: Annotated[int, Meta(title="Number of the entry, as it shows under the pointer; 0 is the whole record")]
        field: Annotated[str, Meta(title="Which part of it: text, name, file 1 ...; empty is all of it")] = ""
        person: Annotated[str, Meta(title="Or all of one person, as customer:12")] = ""

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        reason = needed(form.reason, "reason", most=500, says="Say why: the customer reads it when it is done.")
        person = form.person.strip()
        if person and (form.entry or not _PERSON.match(person) or not _is_there(case, person)):
            raise BadForm("Name somebody who takes part here, as customer:12, or an entry, and not both.", field="person")
        body = CrossingProposed(
            by=case.who.name,
            ground=form.ground,
            reason=reason,
            of=form.entry,
            fields=_fields(case.conversation, form.entry, form.field.strip()) if form.entry else (),
            person=person,
            proposed_by=case.who.ref,
        )
        return Command(facts=(fact(case, body, key=key, channel=INBOX),), expect=not_held)


def _is_there(case: Case, person: str) -> bool:
    """Whether they see the conversation, or are only written to in it."""
    return person in case.state.others or read.takes_part(person, case.conversation)


def _fields(conversation: int, position: int, part: str) -> tuple[str, ...]:
    """The fields that go: one, named as people or as the ledger call it, or all that are personal."""
    entry = next(erase.stored(conversation, after=position - 1, upto=position), None)
    if entry is None:
        raise BadForm(f"There is no entry {position}.", field="entry")
    there = {Clock().part(name): name for name in entry.personal()}
    if not there:
        raise BadForm(f"Entry {position} holds nothing that can be crossed out.", field="entry")
    chosen = there.get(part.lower(), part)
    if part and chosen not in there.values():
        raise BadForm(f"Of entry {position} can go: {', '.join(there)}.", field="field")
    return (chosen,) if part else tuple(there.values())
