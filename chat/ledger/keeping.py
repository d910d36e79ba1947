"""How long a record is kept: one end date, when the customer is told of it, and what a hold stops. Pure; a site's days come from above."""

from __future__ import annotations

from chat.ledger.append import Refused
from chat.ledger.state import SECOND, State

DAY = 86_400 * SECOND
"""One day in the ledger's unit of time."""
FLOOR_DAYS = 180
"""No site keeps a record for fewer days."""
NOTICE_DAYS = 30
"""Days before the end at which the customer is told at the latest."""
LONGEST_DAYS = 3653
"""How far ahead a customer may have a record kept: ten years."""


class Held(Refused):
    """The record is on hold: nothing of it may be crossed out."""

    code = "held"


def ends_at(state: State, *, keep_days: int) -> int:
    """When the content of this record is crossed out (microseconds since 1970); 0 if it holds none any more.

    The later of closing and the last thing said, promised or decided, plus the site's days, at least FLOOR_DAYS. A conversation that
    nobody closed counts from its last word. The customer may have it kept longer, and it never ends before the day they were told.
    """
    return max(_by_rule(state, keep_days), state.noticed_until) if state.keep_from else 0


def is_gone(state: State) -> bool:
    """Whether the whole content was taken, by retention or by erasure, and nobody has written since."""
    return bool(state.position) and not state.keep_from


def notice_until(state: State, *, keep_days: int, now: int) -> int:
    """The end date that the customer is to be told now; 0 if it is too early, or they were told of this one.

    Who could not be told in time gets the full notice all the same: the end moves.
    """
    rule = _by_rule(state, keep_days)
    if not state.keep_from or state.hold or state.noticed_until >= rule or now < rule - _ahead():
        return 0
    return max(rule, now + NOTICE_DAYS * DAY)


def is_over(state: State, *, keep_days: int, now: int) -> bool:
    """Whether the content is to be crossed out now: its day has come, the customer was told of it, and nothing holds it."""
    told = state.noticed_until >= _by_rule(state, keep_days)
    return bool(state.keep_from) and not state.hold and told and state.noticed_until <= now


def keep_day(state: State) -> int:
    """The day since 1970 that the end counts from: the column by which a nightly run finds what may be due. 0 if nothing can be."""
    return 0 if state.hold else state.keep_from // DAY


def latest_keep_day(*, keep_days: int, now: int) -> int:
    """The last such day of which a record may want notice, or be over, at `now`."""
    return (now + _ahead()) // DAY - max(keep_days, FLOOR_DAYS)


def _ahead() -> int:
    # A run comes once a day: with a day to spare the notice is never late, and the date stays.
    return (NOTICE_DAYS + 1) * DAY


def not_held(state: State) -> None:
    """Guard of whatever crosses out. Raises Held."""
    if state.hold:
        raise Held("This record is on hold. Nothing of it may be crossed out until the hold is released.")


def _by_rule(state: State, keep_days: int) -> int:
    return max(state.keep_from + max(keep_days, FLOOR_DAYS) * DAY, state.kept_until)
