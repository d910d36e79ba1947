"""Small builders that several actions share: a fact of somebody in a conversation, and guards with their sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache

from chat.actions.access import Case
from chat.ledger.append import Fact, Refused
from chat.ledger.event import DISCLOSED, Kind
from chat.ledger.state import State
from chat.people.masking import Masking, rules_of

INBOX = "inbox"
"""Channel of what agents do that goes through no outer door."""
LIVE = "widget"
MAIL = "email"


def fact(case: Case, body: Kind, *, key: str, channel: str, disclose: str = DISCLOSED) -> Fact:
    """One event by the person whose case this is, with numbers masked that the site does not want to keep."""
    body = masked(body, case.site)
    return Fact(conversation=case.conversation, body=body, actor=case.who.ref, channel=channel, key=key, disclose=disclose)


def masked(body: Kind, site: Masking) -> Kind:
    """The body as it may be kept; nearly always the very same. What was masked says so in its place."""
    rules = rules_of(site)
    changed = {}
    for name in _written(type(body)):  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
        text = getattr(body, name)
        # Most fields of most events are empty.
        if text and (found := rules.masked(text))[1]:
            changed[name] = found[0]
    return replace(body, **changed) if changed else body  # type: ignore[type-var]  # kinds are dataclasses, their base is none


@cache
def _written(kind: type[Kind]) -> tuple[str, ...]:
    """The fields in which somebody writes."""
    return tuple(f.name for f in fields(kind) if f.name in kind.searched - {"by"} and f.type in ("str", str))  # type: ignore[arg-type]  # as above


def not_merged(state: State) -> None:
    """Guard: nothing more is said in a conversation that goes on in another one."""
    if state.merged_into:
        raise Refused("This conversation was continued in another one. Write there.", code="closed")


def nothing_newer(seen_upto: int) -> Callable[[State], None]:
    """Guard: refuse if the customer has said something after position `seen_upto`; 0 does not look."""

    def guard(state: State) -> None:
        not_merged(state)
        word = state.last_word
        if seen_upto and word.side == "customer" and word.position > seen_upto:
            raise Refused("The customer has written meanwhile. Read it first, then send.", code="moved")

    return guard


def must_be_open(state: State) -> None:
    not_merged(state)
    if state.status == "closed":
        raise Refused("This conversation is closed. Open it again first.", code="closed")
