"""The contract of a transcript format, and what every format gets: one conversation, fixed at a position, for one audience.

A file in this room defines one subclass of `Format` and registers it. Knows no page; who may take a transcript is decided above.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

from chat.ledger import overview, read
from chat.ledger.append import NoSuchConversation
from chat.ledger.batch import folded
from chat.ledger.event import Audience, Stamp, kinds
from chat.ledger.read import Entry, Head
from chat.ledger.seal import GENESIS, Row
from chat.ledger.state import State
from chat.people.models import Site
from chat.transcripts.clock import Clock
from chat.transcripts.wording import CHANNELS, Reading, reading

_CHUNK = 64 * 1024
_NEAR = 32
"""Entries after a transcript's position that are looked at before its state is folded from the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One conversation up to position `upto`, as `audience` reads it. `entries()` can be walked again; memory stays bounded."""

    conversation: int
    case_number: str
    site_name: str
    upto: int
    seal: str
    """Seal of the entry at `upto`, in hex: it stands for all entries before it."""
    audience: Audience
    clock: Clock
    made_at: int
    made_for: str
    state: State
    """What follows from the entries up to `upto`."""
    first_at: int
    last_at: int
    speakers: tuple[str, ...] = ()
    """Names of those who answered, as shown then."""
    ways: tuple[str, ...] = field(default=())
    """The channels that were used, in words."""

    def entries(self) -> Iterator[Entry]:
        return read.events(self.conversation, audience=self.audience, upto=self.upto)

    def told(self) -> Iterator[tuple[Entry, Reading]]:
        """The entries with their words, for paper: without the traces of who saw what."""
        for entry in self.entries():
            words = reading(entry, self.clock)
            if words.look != "trace":
                yield entry, words

    def rows(self) -> Iterator[Row]:
        """The stored rows of the whole chain up to `upto`, for formats that carry the proof."""
        return read.rows(self.conversation, upto=self.upto)


class CannotWrite(Exception):
    """A format cannot hold this conversation; the sentence says why. Raised before the first octet."""


class Format:
    """Base of every format: one way to write a transcript down."""

    name: ClassVar[str]
    """As in the address and in `transcript.taken`."""
    label: ClassVar[str]
    """The words on the button."""
    media_type: ClassVar[str]
    extension: ClassVar[str]
    icon: ClassVar[str] = "file"
    stem: ClassVar[str] = "transcript"
    """In the name of the saved file, after the case number."""
    in_record: ClassVar[str | None] = None
    """Its name in the full record; None is `transcript.<extension>`, empty leaves it out."""
    heavy: ClassVar[bool] = False
    """True if writing it takes long: it is then written apart, so that it does not hold up the others."""

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        """The file, piece by piece."""
        raise TypeError(f"{type(self).__name__} writes nothing.")


_formats: dict[str, Format] = {}


def register_format(cls: type[Format]) -> type[Format]:
    """Class decorator: put a format into the registry. Two with one name are refused."""
    known = _formats.get(cls.name)
    if known is not None and type(known).__module__ != cls.__module__:
        raise TypeError(f"Two transcript formats are called {cls.name!r}: {type(known).__module__} and {cls.__module__}.")
    _formats[cls.name] = cls()
    return cls


def formats() -> Mapping[str, Format]:
    return dict(sorted(_formats.items()))


def transcript_of(conversation: int, *, audience: Audience, upto: int, made_for: str = "", made_at: int = 0) -> Transcript:
    """The conversation as it stood at `upto` (0: now). Raises NoSuchConversation.

    With the same `made_at` (microseconds; 0: now) it is the same to the last octet, unless something is crossed out meanwhile.
    """
    head = read.head(conversation)
    if head is None:
        raise NoSuchConversation("There is no such conversation.")
    site = Site.objects.get(pk=head.site)
    upto = min(upto or head.position, head.position)
    state, last = _state(head, upto), read.entry(conversation, upto)
    speakers, ways = _spoke(conversation, upto, state)
    return Transcript(
        conversation=conversation,
        case_number=site.case(head.number),
        site_name=site.name,
        upto=upto,
        seal=last.seal.hex() if last else GENESIS.hex(),
        audience=audience,
        clock=Clock(site.zone),
        made_at=made_at or time.time_ns() // 1000,
        made_for=made_for,
        state=state,
        first_at=state.opened_at,
        last_at=last.at if last else 0,
        speakers=speakers,
        ways=ways,
    )


def render(name: str, conversation: int, *, audience: Audience, upto: int = 0, made_for: str = "", made_at: int = 0) -> Iterator[bytes]:
    """The transcript as a file in format `name`, in pieces of some 64 KB. Raises KeyError for an unknown format, NoSuchConversation."""
    format_ = _formats[name]
    return _gathered(format_.write(transcript_of(conversation, audience=audience, upto=upto, made_for=made_for, made_at=made_at)))


def file_name(name: str, case_number: str) -> str:
    return f"{case_number}-{_formats[name].stem}.{_formats[name].extension}"


def _state(head: Head, upto: int) -> State:
    """The state at a position. That of the head will do while only quiet events came after: who saw or took something is not told."""
    later = list(read.events(head.conversation, audience=Audience.AGENTS, after=upto, upto=head.position, limit=_NEAR, previous=upto))
    if len(later) < _NEAR and all(entry.quiet for entry in later):
        return head.state
    state = State()
    for entry in read.events(head.conversation, audience=Audience.AGENTS, upto=upto):
        stamp = Stamp(position=entry.position, at=entry.at, actor=entry.actor, channel=entry.channel, audience=entry.audience)
        state = folded(state, entry.body, stamp)
    return state


def _spoke(conversation: int, upto: int, state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of those who answered, as shown when they spoke first and last, and the channels that were used."""
    speakers: dict[str, None] = {}
    ways: dict[str, None] = {}
    for actor, channel, first, last in overview.spoke(conversation, upto=upto, kinds=_words()):
        ways[CHANNELS.get(channel, "")] = None
        if not state.is_customer(actor):
            said = filter(None, (read.entry(conversation, position) for position in {first: None, last: None}))
            speakers.update((str(entry.values.get("by", "")), None) for entry in said)
    return tuple(filter(None, speakers)), tuple(filter(None, ways))


@cache
def _words() -> tuple[str, ...]:
    """The kinds that are somebody's word: those that move the last word."""
    stamp = Stamp(position=1, at=1, actor="agent:1", channel="", audience=Audience.EVERYONE)
    return tuple(kind.name for kind in kinds() if kind.example().fold(State(), stamp).last_word.position)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    kept: list[bytes] = []
    held = 0
    for piece in pieces:
        kept.append(piece)
        held += len(piece)
        if held >= _CHUNK:
            yield b"".join(kept)
            kept, held = [], 0
    if kept:
        yield b"".join(kept)
