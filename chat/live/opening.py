"""Writes down that a member of the staff got to see a conversation: once per person, conversation and quarter of an hour. Shows nothing."""

from __future__ import annotations

import time

import structlog

from chat.actions.access import Case
from chat.actions.action import Forbidden
from chat.events.privacy import StaffOpened
from chat.ledger.append import Busy, Command, Fact, KeyConflict, append

log = structlog.get_logger()
AGAIN_AFTER = 15 * 60
"""Seconds in which one person's openings of one conversation count as one."""
NO_BODIES = frozenset({"analyst"})
"""Roles that see that there was a message, and not what it says."""


def bucket() -> int:
    """The quarter of an hour we are in."""
    return int(time.time()) // AGAIN_AFTER


def permitted(role: str) -> None:
    """Raises Forbidden for roles that get no bodies."""
    if role in NO_BODIES:
        raise Forbidden("Your role shows figures, not conversations.")


async def record(case: Case, *, purpose: str = "answering") -> bool:
    """Append the opening; False if it could not be written now, and should be tried again at the next look."""
    who = case.who
    fact = Fact(
        conversation=case.conversation,
        body=StaffOpened(by=who.name, role=who.role, purpose=purpose),
        actor=who.ref,
        channel="inbox",
        key=f"opened:{bucket()}",
    )
    try:
        await append(Command(facts=(fact,)))
    except KeyConflict:
        pass  # the name or role changed within the quarter of an hour; the opening is on record
    except Busy:
        # A full disk must not keep agents from reading what customers wrote.
        log.warning("opening_not_recorded", conversation=case.conversation, agent=who.ref)
        return False
    return True
