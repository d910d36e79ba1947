"""What is decided about one mail that came in: a command to append, or why there is none. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chat.ledger.append import Command
from chat.ledger.received import DROPPED, QUARANTINED, SPAM, TAKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`state` is what the row of the mail gets once the command, if there is one, is written."""

    state: str
    reason: str = ""
    conversation: int | None = None
    """For quarantined mail: where it may belong."""
    command: Command | None = None
    also: tuple[Command, ...] = ()
    """Further commands, where the mail belongs to several places."""
    afterwards: Callable[[], None] | None = None
    """Done after the command was written; must bear being done twice or never."""
    glimpse: Mapping[str, str] = field(default_factory=dict)
    """For mail that was put aside: what people see of it before they decide."""


def taken(command: Command, reason: str = "", *, afterwards: Callable[[], None] | None = None, also: tuple[Command, ...] = ()) -> Verdict:
    return Verdict(state=TAKEN, reason=reason, command=command, afterwards=afterwards, also=also)


def quarantined(reason: str, *, conversation: int | None = None) -> Verdict:
    """Kept and shown to the agents, who take it in with one click."""
    return Verdict(state=QUARANTINED, reason=reason, conversation=conversation)


def spam(reason: str) -> Verdict:
    """Kept apart from the doubtful ones, for those who miss a mail."""
    return Verdict(state=SPAM, reason=reason)


def dropped(reason: str, *, conversation: int | None = None) -> Verdict:
    """Kept, but nobody needs to look at it."""
    return Verdict(state=DROPPED, reason=reason, conversation=conversation)
