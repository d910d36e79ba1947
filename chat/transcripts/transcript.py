"""The contract of a transcript format, and what every format gets: one conversation, fixed at a position, for one audience.

A file in this room defines one subclass of `Format` and registers it. Knows no page; who may take a transcript is decided above.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from chat.ledger import read
from chat.ledger.append import NoSuchConversation
from chat.ledger.batch import folded
from chat.ledger.event import Audience, Stamp
from chat.ledger.read import Entry
from chat.ledger.seal import GENESIS, Row
from chat.ledger.state import State
from chat.people.models import Site
from chat.transcripts.clock import Clock
from chat.transcripts.wording import CHANNELS

_CHUNK = 32 * 1024


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

    def rows(self) -> Iterator[Row]:
        """The stored rows of the whole chain up to `upto`, for formats that carry the proof."""
        for row in read.rows(self.conversation):
            if row.position > self.upto:
                return
            yield row


class Format:
    """Base of every format: one way to write a transcript down."""

    name: ClassVar[str]
    """As in the address and in `transcript.taken`."""
    label: ClassVar[str]
    """The words on the button."""
    media_type: ClassVar[str]
    extension: ClassVar[str]
    icon: ClassVar[str] = "file"

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


def transcript_of(conversation: int, *, audience: Audience, upto: int, made_for: str = "") -> Transcript:
    """The conversation as it stood at `upto` (0: now). Reads it once, entry by entry. Raises NoSuchConversation."""
    head = read.head(conversation)
    if head is None:
        raise NoSuchConversation("There is no such conversation.")
    site = Site.objects.get(pk=head.site)
    upto = min(upto or head.position, head.position)
    state, last = State(), None
    speakers: dict[str, None] = {}
    ways: dict[str, None] = {}
    for entry in read.events(conversation, audience=Audience.AGENTS, upto=upto):
        stamp = Stamp(position=entry.position, at=entry.at, actor=entry.actor, channel=entry.channel, audience=entry.audience)
        state, last = folded(state, entry.body, stamp), entry
        if entry.audience is Audience.EVERYONE and state.last_word.position == entry.position:
            ways[CHANNELS.get(entry.channel, "")] = None
            if state.last_word.side == "agents":
                speakers[str(entry.values.get("by", ""))] = None
    return Transcript(
        conversation=conversation,
        case_number=site.case(head.number),
        site_name=site.name,
        upto=upto,
        seal=last.seal.hex() if last else GENESIS.hex(),
        audience=audience,
        clock=Clock(site.zone),
        made_at=time.time_ns() // 1000,
        made_for=made_for,
        state=state,
        first_at=state.opened_at,
        last_at=last.at if last else 0,
        speakers=tuple(filter(None, speakers)),
        ways=tuple(filter(None, ways)),
    )


def render(name: str, conversation: int, *, audience: Audience, upto: int = 0, made_for: str = "") -> Iterator[bytes]:
    """The transcript as a file in format `name`, in pieces of some 32 KB. Raises KeyError for an unknown format, NoSuchConversation."""
    format_ = _formats[name]
    return _gathered(format_.write(transcript_of(conversation, audience=audience, upto=upto, made_for=made_for)))


def file_name(name: str, case_number: str) -> str:
    return f"{case_number}-transcript.{_formats[name].extension}"


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
