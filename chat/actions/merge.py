"""Continue a conversation in another one of the same person: mail to the first goes to the second then. Each chain stays its own.

Only what one person wrote is put together: else somebody would read from then on what another one answers.
"""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case, enter
from chat.actions.action import AGENTS, Action, BadForm, register_action
from chat.actions.facts import INBOX, fact
from chat.actions.words import needed
from chat.events.onward import ConversationMerged
from chat.ledger import read
from chat.ledger.append import Command, NoSuchConversation, Refused
from chat.ledger.state import State


@register_action
class Merge(Action):
    name = "merge"
    label = "Merge into another one"
    who = AGENTS

    class Form(Action.Form, frozen=True):
        into: Annotated[str, Meta(title="Case number of the one that goes on")]
        reason: str

    def offered(self, case: Case) -> bool:
        return not case.state.merged_into

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        reason = needed(form.reason, "reason", most=500, says="Say why.")
        other = _other(case, form.into)
        if not _same_person(case.state, other.state):
            raise BadForm("They are of two people, or nobody has proved that they are of one.", field="into")
        ends = ConversationMerged(by=case.who.name, other=str(other.conversation), into=True, reason=reason)
        goes_on = ConversationMerged(by=case.who.name, other=str(case.conversation), into=False, reason=reason)
        facts = (fact(case, ends, key=key, channel=INBOX), fact(other, goes_on, key=key, channel=INBOX))
        return Command(facts=facts, expect=_free, main=0)


def _other(case: Case, number: str) -> Case:
    found = re.fullmatch(rf"(?:{re.escape(case.site.prefix)}-)?([0-9]{{1,12}})", number.strip(), re.IGNORECASE)
    head = read.by_number(case.head.site, int(found[1])) if found else None
    if head is None or head.conversation == case.conversation:
        raise BadForm(f"Give the number of another case of this site, as in {case.site.case(4821)}.", field="into")
    try:
        return enter(case.who, head.conversation)
    except NoSuchConversation as problem:
        raise BadForm("There is no such case.", field="into") from problem


def _same_person(one: State, other: State) -> bool:
    if one.customer.ref == other.customer.ref:
        return True
    return one.customer.confirmed and other.customer.confirmed and one.customer.address.lower() == other.customer.address.lower() != ""


def _free(ends: State, goes_on: State) -> None:
    if ends.merged_into or goes_on.merged_into:
        raise Refused("One of them was merged already.", code="moved")
    if ends.open_commitments():
        raise Refused("There are open promises here. Keep them, or make them in the other conversation, and withdraw them here first.")
    if not _same_person(ends, goes_on):
        raise Refused("They are not of one person any more.", code="moved")
