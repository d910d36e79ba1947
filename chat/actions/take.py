"""Save the transcript: records the download as the next entry; what is saved is everything before it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case, Who
from chat.actions.action import AGENTS, CUSTOMER, Action, BadForm, register_action
from chat.actions.facts import fact
from chat.events.privacy import TranscriptTaken
from chat.ledger.append import Command, Receipt
from chat.transcripts.passes import Pass, address_of
from chat.transcripts.transcript import formats


@register_action
class Take(Action):
    name = "take"
    label = "Save transcript"
    shortcut = "S"
    who = CUSTOMER | AGENTS

    class Form(Action.Form, frozen=True):
        format: str
        zone: Annotated[str, Meta(max_length=64)] = ""
        language: Annotated[str, Meta(max_length=35)] = ""

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        if form.format not in formats():
            raise BadForm(f"There are the formats {', '.join(formats())}.", field="format")
        taken = TranscriptTaken(by=case.who.name or case.state.customer.name, format=form.format)
        return Command(facts=(fact(case, taken, key=key, channel=channel),))

    def answer(self, who: Who, form: Form, receipt: Receipt) -> dict[str, str]:  # type: ignore[override]  # its own Form
        granted = Pass(
            conversation=receipt.conversation,
            format=form.format,
            audience=who.audience.value,
            upto=receipt.position - 1,
            made_for=who.name,
            made_at=receipt.written[receipt.main].at,
            # A widget's page has no cookie to be known by; an agent's browser has, and notes are for no other.
            ref=who.ref if who.side == "agents" else "",
            zone=form.zone,
            language=form.language,
        )
        told = {"url": address_of(granted)}
        if formats()[form.format].archive:
            told |= {what: address_of(granted, what) for what in ("signature", "state")}
        return told
