"""A visitor takes a link to the conversation along: it opens it in any browser, until they cancel it or the record ends."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from chat.actions.access import Case, Who
from chat.actions.action import CUSTOMER, Action, Forbidden, register_action
from chat.actions.facts import fact
from chat.events.privacy import LinkIssued
from chat.ledger.append import Command, Receipt
from chat.people import links


@register_action
class Link(Action):
    name = "link"
    label = "Copy a link"
    who = CUSTOMER

    class Form(Action.Form, frozen=True):
        nonce: Annotated[str, Meta(min_length=16, max_length=64)]
        """Made by the browser: the same one again is the same link."""

    def offered(self, case: Case) -> bool:
        return not case.who.only

    def command(self, case: Case, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        if case.who.only:
            # Whoever came by a link could else outlast its being cancelled.
            raise Forbidden("A further link is made in the browser you chatted in, or in your record after a code.")
        made = links.issue(case.conversation, case.who.ref, keep_days=case.site.keep_days, name=_name(form), bearer=True)
        told = LinkIssued(link=made.link, to=case.who.ref, until=int(made.until.timestamp() * 1_000_000))
        return Command(facts=(fact(case, told, key=key, channel=channel),))

    def answer(self, who: Who, form: Form, receipt: Receipt) -> dict[str, str]:  # type: ignore[override]  # its own Form
        # In the event loop, where nothing may be looked up: what the name gives is enough.
        return {"url": links.path_of(receipt.conversation, who.ref, _name(form))}


def _name(form: Link.Form) -> str:
    return f"copied:{form.nonce}"
