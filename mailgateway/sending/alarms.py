"""The customer left and has not seen our lines: after a while all of them go in one mail, and none if they came back meanwhile."""

from __future__ import annotations

from chat.events.delivery import LinesMailed
from chat.events.talk import LIVE
from chat.ledger.append import Busy, Command, Refused
from chat.ledger.due import register_alarm, system_fact
from chat.ledger.read import Head, spoken
from chat.ledger.state import AWAY, State

MAIL = "email"


def away(found: Head, name: str, key: str) -> Command | None:
    """The command for an alarm that rings, or None when nobody is to be told."""
    state = found.state
    if not state.unseen_from or not state.customer.address:
        return None
    lines = spoken(found.conversation, state.unseen_from, state.unseen_upto, channel=LIVE)
    if not lines:
        return None

    def as_before(now: State) -> None:
        if not now.unseen_from:
            raise Refused("The customer has seen everything meanwhile.", code="moved")
        if (now.unseen_from, now.unseen_upto) != (state.unseen_from, state.unseen_upto):
            # Looked at again in a moment, with the lines that are unseen then.
            raise Busy("Something was said or seen at this very moment.")

    fact = system_fact(found, LinesMailed(lines=lines, to=state.customer.address), key, channel=MAIL)
    return Command(facts=(fact,), expect=as_before)


register_alarm(AWAY, away)
