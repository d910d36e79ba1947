"""A stretch of a conversation as its customer's record shows it: days, entries, tabs, counts. Knows no request and no template.

Entries of the team stand here too: open where that was sealed, else as a line with the ground.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from chat.ledger import read, stretch
from chat.ledger.event import AttachmentRef, Audience, kinds
from chat.ledger.read import Entry
from chat.ledger.stretch import Sieve, Stretch
from chat.people import file_keys
from chat.transcripts.clock import Clock, size
from chat.transcripts.disclosure import disclosed
from chat.transcripts.reading import Reading
from chat.transcripts.reading import read as read_body
from chat.transcripts.wording import reading

EVERYTHING = "all"
LOG = "log"
TABS = {EVERYTHING: "Everything", "chat": "Chat", "email": "E-mail", "phone": "Calls", LOG: "Log"}
TAB_ICONS = {"chat": "chat", "email": "mail", "phone": "phone", LOG: "list"}
_TAB_OF = {"widget": "chat", "email": "email", "phone": "phone"}
_HUES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    size: str
    address: str = ""
    """Empty for files of the team's notes: they are named in the record, and handed out to the team alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One entry on the page."""

    position: int
    time: str
    exact: str
    machine_time: str
    title: str
    read: Reading
    files: tuple[File, ...] = ()
    initials: str = ""
    hue: int = 0
    metadata: tuple[tuple[str, str], ...] = ()
    team: bool = False
    mail_of: int = 0
    """The conversation, if the entry's very mail is kept and can be looked at."""
    own: bool = False


@dataclass(slots=True, kw_only=True)
class Day:
    name: str
    entries: list[Shown] = field(default_factory=list)


def sieve_of(tab: str, *, team: bool) -> Sieve:
    """What a tab lets through; `team`: also what the team wrote for itself."""
    audience = Audience.AGENTS if team else Audience.EVERYONE
    if tab == EVERYTHING:
        return Sieve(audience=audience)
    if tab == LOG:
        return Sieve(kinds=_messages(), channels=frozenset(_TAB_OF), others=True, audience=audience)
    channels = frozenset(channel for channel, its in _TAB_OF.items() if its == tab)
    return Sieve(kinds=_messages(), channels=channels, audience=audience)


def counts(conversation: int, *, team: bool) -> dict[str, int]:
    """How many entries each tab has."""
    found = dict.fromkeys(TABS, 0)
    for kind, channel, count in stretch.tally(conversation, audience=Audience.AGENTS if team else Audience.EVERYONE):
        found[EVERYTHING] += count
        found[_TAB_OF.get(channel, LOG) if kind in _messages() else LOG] += count
    return found


def days(part: Stretch, *, ref: str, clock: Clock) -> list[Day]:
    """The entries of a stretch under their days, as the participant `ref` reads them."""
    found: list[Day] = []
    before = _seal_before(part)
    for entry in part.entries:
        name = f"{clock.day(entry.at)} ({clock.offset(entry.at)})"
        if not found or found[-1].name != name:
            found.append(Day(name=name))
        whole = before if before and before[0] == entry.position - 1 else (0, "")
        found[-1].entries.append(_shown(disclosed(entry, Audience.EVERYONE), ref=ref, clock=clock, previous_seal=whole[1]))
        before = (entry.position, entry.seal.hex())
    return found


def _shown(entry: Entry, *, ref: str, clock: Clock, previous_seal: str) -> Shown:
    words = reading(entry, clock)
    spoken = words.look == "message"
    own = spoken and entry.actor == ref
    person = spoken and not own and not entry.actor.startswith("bot:")
    return Shown(
        position=entry.position,
        time=clock.time(entry.at),
        exact=clock.both(entry.at),
        machine_time=clock.machine(entry.at),
        title=", ".join(filter(None, ("You" if own else words.title, words.way if spoken else ""))),
        read=words,
        files=tuple(_file(entry, index, file, ref) for index, file in enumerate(words.files) if file.digest),
        initials=_initials(words.title) if person else "",
        hue=sum(map(ord, words.title)) % _HUES,
        metadata=_metadata(entry, clock, previous_seal),
        team=entry.audience is Audience.AGENTS,
        mail_of=entry.conversation if _has_mail(entry) else 0,
        own=own,
    )


def _has_mail(entry: Entry) -> bool:
    return entry.audience is Audience.EVERYONE and bool(getattr(entry.body, "raw_mail", "")) and bool(entry.values.get("original"))


def _seal_before(part: Stretch) -> tuple[int, str] | None:
    """Position and seal of the entry before the first: each entry says on what it was sealed."""
    first = part.entries[0] if part.entries else None
    before = read.entry(first.conversation, first.position - 1) if first and first.position > 1 else None
    return (before.position, before.seal.hex()) if before else None


@cache
def _messages() -> frozenset[str]:
    """The kinds that are somebody's line."""
    return frozenset(kind.name for kind in kinds() if read_body(kind.example(), Clock()).look == "message")


def _file(entry: Entry, index: int, file: AttachmentRef, ref: str) -> File:
    if entry.audience is not Audience.EVERYONE:
        return File(name=file.name, size=size(file.size))
    key = file_keys.key_of(entry.conversation, entry.position, index, ref)
    return File(name=file.name, size=size(file.size), address=f"/files/{entry.conversation}/{entry.position}/{index}?k={key}")


def _metadata(entry: Entry, clock: Clock, previous_seal: str) -> tuple[tuple[str, str], ...]:
    after = f"  after {_short(previous_seal)}" if previous_seal else ""
    pairs = (
        ("entry", f"{entry.position}, stored {clock.iso(entry.at)}"),
        ("kind", f"{entry.kind}, through {entry.channel}"),
        ("by", entry.actor),
        ("sealed", f"sha256 {_short(entry.seal.hex())}{after}"),
    )
    return tuple((name.ljust(9), value) for name, value in pairs)


def _short(digest: str) -> str:
    return f"{digest[:8]}...{digest[-4:]}"


def _initials(name: str) -> str:
    words: Iterable[str] = re.findall(r"\w+", name)
    return "".join(word[0] for word in list(words)[:2]).upper() or "?"
