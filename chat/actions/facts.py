"""Small builders that several actions share: a fact of somebody in a conversation, and guards with their sentences."""

from __future__ import annotations

from collections.abc import Callable

from chat.actions.access import Case
from chat.ledger.append import Fact, Refused
from chat.ledger.event import DISCLOSED, Kind
from chat.ledger.state import State

INBOX = "inbox"
"""Channel of what agents do that goes through no outer door."""
LIVE = "widget"
MAIL = "email"


def fact(case: Case, body: Kind, *, key: str, channel: str, disclose: str = DISCLOSED) -> Fact:
    """One event by the person whose case this is."""
    return Fact(conversation=case.conversation, body=body, actor=case.who.ref, channel=channel, key=key, disclose=disclose)


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
