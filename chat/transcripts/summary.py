"""A conversation as a whole at one of its positions: its state, who spoke, how long the customer waited. Knows no format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from operator import attrgetter

from msgspec import Struct

from chat.ledger import overview, read
from chat.ledger.batch import folded
from chat.ledger.event import Audience, Kind, Stamp, kinds
from chat.ledger.overview import Turns
from chat.ledger.read import Head
from chat.ledger.state import SECOND, Commitment, State

_NEAR = 32
"""Entries after a transcript's position that are looked at before its state is folded from the first."""


class Summary(Struct, frozen=True, kw_only=True):
    """What stands at the head of a transcript besides its state. Times in seconds, None where there is nothing to measure."""

    speakers: tuple[str, ...] = ()
    """Names of those who answered, as shown then."""
    channels: tuple[str, ...] = ()
    """The channels in which somebody spoke."""
    first_answer: int | None = None
    """From the customer's first word until a person answered."""
    longest_wait: int | None = None
    """The longest that a customer's word stood before it was answered, or the conversation closed. A wait that lasts is not counted."""


def state_at(head: Head, upto: int) -> State:
    """The state at a position. The head's will do while only such came after as change nothing that is told of the whole."""
    later = list(read.events(head.conversation, audience=Audience.AGENTS, after=upto, upto=head.position, limit=_NEAR, previous=upto))
    if len(later) < _NEAR and all(entry.kind in _unheard() for entry in later):
        return head.state
    state = State()
    for entry in read.events(head.conversation, audience=Audience.AGENTS, upto=upto):
        stamp = Stamp(position=entry.position, at=entry.at, actor=entry.actor, channel=entry.channel, audience=entry.audience)
        state = folded(state, entry.body, stamp)
    return state


def summary(conversation: int, upto: int, state: State) -> Summary:
    """What follows from the entries up to a position, by a few looks at the ledger and without walking it."""
    speakers: dict[str, None] = {}
    channels: dict[str, None] = {}
    for actor, channel, first, last in overview.spoke(conversation, upto=upto, kinds=_words()):
        channels[channel] = None
        if not state.is_customer(actor):
            said = filter(None, (read.entry(conversation, position) for position in {first: None, last: None}))
            speakers.update((str(entry.values.get("by", "")), None) for entry in said)
    asked_at, longest = overview.waits(conversation, upto=upto, turns=_turns())
    return Summary(
        speakers=tuple(filter(None, speakers)),
        channels=tuple(channels),
        first_answer=(state.first_answer_at - asked_at) // SECOND if asked_at and state.first_answer_at > asked_at else None,
        longest_wait=None if longest is None else longest // SECOND,
    )


@cache
def _unheard() -> frozenset[str]:
    """The quiet kinds after which a transcript says the same of the conversation as a whole."""
    full = State(status="open", subject="a", keep_from=1, kept_until=1, noticed_until=1, hold="a", waiting_since=1, commitments=(_PROMISE,))
    return frozenset(kind.name for kind in kinds() if kind.quiet and _told(_folded(kind, full, "agent:1")) == _told(full))


_PROMISE = Commitment(position=1, text="a", due=1, by="a", owner="agent:1")
_told = attrgetter(
    "status",
    "outcome",
    "subject",
    "customer",
    "commitments",
    "decision",
    "decision_text",
    "waiting_since",
    "first_answer_at",
    "keep_from",
    "kept_until",
    "noticed_until",
)


@cache
def _words() -> tuple[str, ...]:
    """The kinds that are somebody's word: those that move the last word."""
    return tuple(kind.name for kind in kinds() if _folded(kind, State(), "agent:1").last_word.position)


@cache
def _turns() -> Turns:
    """Which kinds begin and end a wait, by what they do to a state: as the queue of those who wait is made."""
    return Turns(
        customer_asks=tuple(_beginning("customer:1")),
        customer_ends=tuple(_ending("customer:1")),
        others_ask=tuple(_beginning("agent:1")),
        others_end=tuple(_ending("agent:1")),
    )


def _beginning(actor: str) -> Iterator[str]:
    return (kind.name for kind in kinds() if _folded(kind, State(), actor).waiting_since)


def _ending(actor: str) -> Iterator[str]:
    return (kind.name for kind in kinds() if not _folded(kind, State(waiting_since=1), actor).waiting_since)


def _folded(kind: type[Kind], state: State, actor: str) -> State:
    return kind.example().fold(state, Stamp(position=1, at=1, actor=actor, channel="", audience=Audience.EVERYONE))
