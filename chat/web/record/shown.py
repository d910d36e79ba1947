"""A conversation as its customer's record shows it: days, entries, tabs, promises, how long it is kept. Knows no request and no template.

Notes of the team stand here too, where the header says so; a withheld one shows as a sealed line with its ground.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chat.events.retention import RetentionExtended
from chat.events.talk import GROUNDS
from chat.ledger.event import DISCLOSED, AttachmentRef, Audience
from chat.ledger.read import Entry, events
from chat.people import file_keys
from chat.transcripts.clock import Clock, size
from chat.transcripts.wording import Reading, reading

TABS = {"all": "Everything", "chat": "Chat", "email": "E-mail", "phone": "Calls", "log": "Log"}
TAB_ICONS = {"chat": "chat", "email": "mail", "phone": "phone", "log": "list"}
_TAB_OF = {"widget": "chat", "email": "email", "phone": "phone"}
_HUES = 12
WITHHELD = Reading(title="Note of the team, withheld from you", look="withheld", icon="lock")


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
    machine_time: str
    title: str
    read: Reading
    tab: str
    files: tuple[File, ...] = ()
    ground: str = ""
    """Why a note is withheld."""
    initials: str = ""
    hue: int = 0
    metadata: tuple[tuple[str, str], ...] = ()
    team: bool = False


@dataclass(slots=True, kw_only=True)
class Day:
    name: str
    entries: list[Shown] = field(default_factory=list)


def shown(entry: Entry, *, ref: str, clock: Clock, previous_seal: str = "") -> Shown:
    """One entry for the participant `ref`. Bodies of withheld entries do not get this far."""
    team = entry.audience is Audience.AGENTS
    withheld = team and entry.disclose != DISCLOSED
    read = WITHHELD if withheld else reading(entry, clock)
    spoken = read.look == "message"
    own = spoken and entry.actor == ref
    title = ", ".join(filter(None, ("You" if own else read.title, read.way if spoken else "")))
    return Shown(
        position=entry.position,
        time=clock.time(entry.at),
        machine_time=clock.machine(entry.at),
        title=title,
        read=read,
        tab=_TAB_OF.get(entry.channel, "log") if spoken else "log",
        files=tuple(_file(entry, index, file, ref) for index, file in enumerate(read.files)),
        ground=GROUNDS.get(entry.disclose, entry.disclose) if withheld else "",
        initials=_initials(read.title) if spoken and not own and not entry.actor.startswith("bot:") else "",
        hue=sum(map(ord, read.title)) % _HUES,
        metadata=_metadata(entry, clock, previous_seal),
        team=team,
    )


def days(entries: list[Shown], clock_days: list[str]) -> list[Day]:
    """The entries under their days; `clock_days` names the day of each."""
    found: list[Day] = []
    for entry, name in zip(entries, clock_days, strict=True):
        if not found or found[-1].name != name:
            found.append(Day(name=name))
        found[-1].entries.append(entry)
    return found


def thread(conversation: int, *, ref: str, clock: Clock, after: int = 0) -> tuple[list[Shown], list[str], int]:
    """All entries after a position, the day of each, and until when the record was asked to be kept (0: nobody asked)."""
    entries, names, until, seal = [], [], 0, "0" * 64
    for entry in events(conversation, audience=Audience.AGENTS, after=after):
        entries.append(shown(entry, ref=ref, clock=clock, previous_seal=seal))
        names.append(clock.day(entry.at))
        seal = entry.seal.hex()
        until = max(until, int(entry.values.get("until", 0))) if isinstance(entry.body, RetentionExtended) else until
    return entries, names, until


def counts(entries: list[Shown]) -> dict[str, int]:
    found = dict.fromkeys(TABS, 0)
    for entry in entries:
        found["all"] += 1
        found[entry.tab] += 1
    return found


def _file(entry: Entry, index: int, file: AttachmentRef, ref: str) -> File:
    if entry.audience is not Audience.EVERYONE:
        return File(name=file.name, size=size(file.size))
    key = file_keys.key_of(entry.conversation, entry.position, index, ref)
    return File(name=file.name, size=size(file.size), address=f"/files/{entry.conversation}/{entry.position}/{index}?k={key}")


def _metadata(entry: Entry, clock: Clock, previous_seal: str) -> tuple[tuple[str, str], ...]:
    after = f"  after {previous_seal[:8]}...{previous_seal[-4:]}" if previous_seal else ""
    seal = entry.seal.hex()
    return (
        ("entry", f"{entry.position}  stored {clock.iso(entry.at)}"),
        ("kind", f"{entry.kind}  through {entry.channel}"),
        ("by", entry.actor),
        ("sealed", f"sha256 {seal[:8]}...{seal[-4:]}{after}"),
    )


def _initials(name: str) -> str:
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in words[:2]).upper() or "?"
