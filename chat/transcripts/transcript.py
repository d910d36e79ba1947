"""The contract of a transcript format, and what every format gets: one conversation, fixed at a position, for one audience.

A file in this room defines one subclass of `Format` and registers it. Knows no page; who may take a transcript is decided above.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from chat.ledger import keeping, overview, read
from chat.ledger.append import NoSuchConversation
from chat.ledger.event import Audience
from chat.ledger.read import Entry
from chat.ledger.seal import GENESIS, Row
from chat.ledger.state import Commitment, State
from chat.people.models import Site
from chat.transcripts import language as languages
from chat.transcripts import proof
from chat.transcripts.clock import Clock, known_zone
from chat.transcripts.disclosure import disclosed
from chat.transcripts.plain import inline
from chat.transcripts.summary import Summary, state_at, summary
from chat.transcripts.wording import CHANNELS, Reading, reading

_CHUNK = 64 * 1024


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
    """In the reader's zone and language."""
    made_at: int
    made_for: str
    state: State
    """What follows from the entries up to `upto`."""
    first_at: int
    last_at: int
    summary: Summary
    kept_until: int
    """When its content ends, as things stand; 0 if nothing of it is left."""
    note: str
    """The seal at `upto`, signed (a C2SP signed note)."""
    keys: tuple[str, ...]
    """The public keys that open the note."""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Names of those who answered, as shown then."""
        return self.summary.speakers

    @property
    def ways(self) -> tuple[str, ...]:
        """The channels that were used, in the reader's words."""
        return tuple(self.clock.say(CHANNELS[name]) for name in self.summary.channels if name in CHANNELS)

    @property
    def status(self) -> str:
        """As this audience may know it."""
        return self.state.told_status if self.audience is Audience.EVERYONE else self.state.status

    @property
    def subject(self) -> str:
        return inline(self.state.subject)

    @property
    def customer(self) -> str:
        return inline(self.state.customer.name) or self.clock.say("Visitor")

    def become_of(self, promise: Commitment) -> str:
        """open, late, kept, withdrawn or replaced, in the reader's words, as it was when the transcript was made."""
        return self.clock.say("late" if promise.state == "open" and promise.due < self.made_at else promise.state)

    def entries(self) -> Iterator[Entry]:
        """Every entry up to `upto`, none left out: what this audience may not read comes without its content."""
        for entry in read.events(self.conversation, audience=Audience.AGENTS, upto=self.upto):
            yield disclosed(entry, self.audience)

    def told(self) -> Iterator[tuple[Entry, Reading]]:
        """The entries with their words, in the reader's language."""
        for entry in self.entries():
            yield entry, reading(entry, self.clock)

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
    archive: ClassVar[bool] = False
    """True if it is prepared on disk, and offered with a signature over the whole file."""

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


def transcript_of(
    conversation: int, *, audience: Audience, upto: int, made_for: str = "", made_at: int = 0, zone: str = "", language: str = ""
) -> Transcript:
    """The conversation as it stood at `upto` (0: now), for a reader in a zone (IANA name) and a language (tag), else in the site's zone and
    in English. Raises NoSuchConversation.

    With the same `made_at` (microseconds; 0: now) it is the same to the last octet, unless something is crossed out meanwhile: then it
    goes on to the entry that says so.
    """
    head = read.head(conversation)
    if head is None:
        raise NoSuchConversation("There is no such conversation.")
    site = Site.objects.get(pk=head.site)
    upto = min(upto or head.position, head.position)
    # What is gone by now is gone from this file too, and the entry that says so must be in it.
    upto = max(upto, overview.crossed_after(conversation, upto))
    state, last = state_at(head, upto), read.entry(conversation, upto)
    seal = last.seal if last else GENESIS
    signed = proof.head_proof(conversation, upto, seal)
    return Transcript(
        conversation=conversation,
        case_number=site.case(head.number),
        site_name=inline(site.name),
        upto=upto,
        seal=seal.hex(),
        audience=audience,
        clock=Clock(known_zone(zone) or site.zone, languages.known(language)),
        made_at=made_at or time.time_ns() // 1000,
        made_for=inline(made_for),
        state=state,
        first_at=state.opened_at,
        last_at=last.at if last else 0,
        summary=summary(conversation, upto, state),
        kept_until=keeping.ends_at(state, keep_days=site.keep_days),
        note=signed["note"],
        keys=tuple(signed["keys"]),
    )


def render(
    name: str,
    conversation: int,
    *,
    audience: Audience,
    upto: int = 0,
    made_for: str = "",
    made_at: int = 0,
    zone: str = "",
    language: str = "",
) -> Iterator[bytes]:
    """The transcript as a file in format `name`, in pieces of some 64 KB. Raises KeyError for an unknown format, NoSuchConversation."""
    format_ = _formats[name]
    found = transcript_of(conversation, audience=audience, upto=upto, made_for=made_for, made_at=made_at, zone=zone, language=language)
    return _gathered(format_.write(found))


def file_name(name: str, case_number: str) -> str:
    return f"{case_number}-{_formats[name].stem}.{_formats[name].extension}"


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    kept: list[bytes] = []
    held = _CHUNK  # the first one goes at once: whoever waits sees that it begins
    for piece in pieces:
        kept.append(piece)
        held += len(piece)
        if held >= _CHUNK:
            yield b"".join(kept)
            kept, held = [], 0
    if kept:
        yield b"".join(kept)
