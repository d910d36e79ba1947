"""What a promise must be like, for the actions that make one. Knows no button."""

from __future__ import annotations

import time

import msgspec

from chat.actions.access import Case
from chat.actions.action import BadForm
from chat.actions.words import LINE, needed
from chat.events.commitment import CommitmentMade
from chat.ledger.append import Refused
from chat.ledger.state import SECOND, Commitment, State


class PromiseForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    text: str
    due: int
    """Microseconds since 1970 in UTC."""


def promised(case: Case, form: PromiseForm) -> CommitmentMade:
    """The promise as an event. Raises BadForm without words or with a time that has passed."""
    text = needed(form.text, "text", most=LINE, says="Say what is promised.")
    now = time.time_ns() // 1000
    if not now < form.due < now + 2 * 366 * 86_400 * SECOND:
        raise BadForm("Choose a day from now on, within two years.", field="due")
    return CommitmentMade(by=case.who.name, text=text, due=form.due)


def open_promise(state: State, position: int) -> Commitment:
    """The open promise made at `position`. Raises Refused if there is none."""
    for commitment in state.open_commitments():
        if commitment.position == position:
            return commitment
    raise Refused("This promise is not open any more.", code="moved")
