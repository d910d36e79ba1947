"""Crossing out with its journal, and crossing out again after a restore: what the journal names is taken out of the store once more.

Knows no ground and nobody who decides; the kind of the privacy event is the ledger's own, by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import cast

from chat.ledger import copies, cross_out, erase, journal, read
from chat.ledger.append import Command, Crosses, Fact, Receipt, Refused, append_sync
from chat.ledger.erase import Entries, Stored
from chat.ledger.event import Kind, from_fields
from chat.ledger.journal import Line
from chat.ledger.state import State

AT_ONCE = 500
"""Entries that one privacy event names."""
PARTS = 10
"""Privacy events in one command."""
KIND, VERSION = "erasure.carried_out", 1
_forgets: list[Callable[[str], None]] = []
_since: list[Callable[[str], str]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did: fields crossed out again in so many entries, of so many records; persons; lines that concern nothing here."""

    entries: int = 0
    records: int = 0
    persons: int = 0
    elsewhere: int = 0


def register_person(forget: Callable[[str], None]) -> None:
    """`forget(ref)` removes what a room keeps about somebody; it may be called again for the same person.

    Rooms above come later and are asked first, while the tables of people still say which addresses are theirs.
    """
    _forgets.insert(0, forget)


def register_since(since: Callable[[str], str]) -> None:
    """`since(ref)` tells when somebody came first, in any words that stay the same; empty if there is nobody."""
    _since[:] = [since]


def forget_person(ref: str) -> None:
    for forget in _forgets:
        forget(ref)


@contextmanager
def noting_person(ref: str, *, ground: str) -> Iterator[None]:
    """The journal knows of it before anything of a person goes; if that is refused, for example by a hold, the journal says so, too."""
    since = _since[0](ref) if _since else ""
    line = Line(id=journal.new_id(), person=ref, since=since, ground=ground, at=journal.now())
    journal.note([line])
    try:
        yield
    except Refused as refusal:
        if refusal.code != "busy":
            journal.undo([line.id])
        raise


def crossings(conversation: int, entries: Mapping[int, Sequence[str]], *, fact: int = 0) -> tuple[Crosses, ...]:
    """The companion rows for a privacy event that names these entries."""
    return tuple(Crosses(conversation=conversation, position=p, fields=tuple(f), fact=fact) for p, f in sorted(entries.items()))


def parts(entries: Mapping[int, Sequence[str]]) -> Iterator[Entries]:
    """As many as one privacy event may name; at least one part, which may be empty."""
    ordered = sorted(entries.items())
    for start in range(0, max(len(ordered), 1), AT_ONCE):
        yield {position: tuple(fields) for position, fields in ordered[start : start + AT_ONCE]}


def commands(
    conversation: int,
    entries: Mapping[int, Sequence[str]],
    *,
    says: Callable[[Entries, bool], Kind],
    key: Callable[[Entries], str],
    expect: Callable[[State], None] | None = None,
) -> Iterator[Command]:
    """What crosses all of it out, in few commands: after each of them the record is folded again from its first entry.

    `says` makes the privacy event of a part, and hears whether it is the last one.
    """
    several = list(parts(entries))
    for start in range(0, len(several), PARTS):
        facts: list[Fact] = []
        rows: list[Crosses] = []
        for number, part in enumerate(several[start : start + PARTS]):
            body = says(part, part is several[-1])
            facts.append(Fact(conversation=conversation, body=body, actor="system", channel="system", key=key(part)))
            rows += crossings(conversation, part, fact=number)
        yield Command(facts=tuple(facts), rows=tuple(rows), expect=expect)


def named(entries: Mapping[int, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """As a privacy event names them."""
    return {str(position): tuple(fields) for position, fields in sorted(entries.items())}


def carry_out(command: Command, *, ground: str = "") -> Receipt:
    """Append a command that crosses out, for threads: the journal knows of it before. Raises Refused; then the journal says so, too.

    A process that dies in between leaves a line of the journal without its crossing: the next replay carries it out.
    """
    lines = _lines(command, ground)
    journal.note(lines)
    try:
        return append_sync(command)
    except Refused as refusal:
        if refusal.code != "busy":  # of that one nobody knows what became of it
            journal.undo(line.id for line in lines)
        raise


def replay(paths: Sequence[Path] = ()) -> Replayed:
    """Take out of the store again whatever the journals name and is there. A second time finds nothing to do. For threads."""
    again = records = elsewhere = 0
    persons = set()
    places: dict[int, dict[int, list[Line]]] = {}
    for line in journal.lines(paths):
        if line.person and _since and line.since == _since[0](line.person):
            persons.add(line.person)
        if line.conversation:
            places.setdefault(int(line.conversation), {}).setdefault(line.position, []).append(line)
    for conversation, lines in places.items():
        if read.head(conversation) is None:
            elsewhere += sum(map(len, lines.values()))
            continue
        entries, ground = _there_again(conversation, lines)
        for command in commands(conversation, entries, says=partial(_anew, ground), key=_key) if entries else ():
            carry_out(command, ground=ground)
        again, records = again + len(entries), records + bool(entries)
    for ref in sorted(persons):
        forget_person(ref)
    if again or persons:
        copies.settle()
        cross_out.scrub()
    return Replayed(entries=again, records=records, persons=len(persons), elsewhere=elsewhere)


def _there_again(conversation: int, lines: Mapping[int, Sequence[Line]]) -> tuple[Entries, str]:
    found: Entries = {}
    ground = ""
    for entry in erase.stored(conversation):
        same = [line for line in lines.get(entry.position, ()) if line.seal == entry.seal.hex()]
        fields = {name for line in same for name in line.fields if name in entry.values}
        if fields:
            found[entry.position] = tuple(sorted(fields))
            ground = same[-1].ground or ground
    return found, ground


def _anew(ground: str, entries: Entries, last: bool) -> Kind:
    values = {"entries": named(entries), "ground": ground, "reason": "Crossed out again after a backup was restored."}
    return cast(Kind, from_fields(KIND, VERSION, values))


def _key(entries: Entries) -> str:
    return f"replay:{journal.new_id()}"


def _lines(command: Command, ground: str) -> list[Line]:
    crossed = sorted((row for row in command.rows if isinstance(row, Crosses)), key=lambda row: (row.conversation, row.position))
    found = []
    for conversation, rows in groupby(crossed, key=lambda row: row.conversation):
        wanted = {row.position: row.fields for row in rows}
        near = erase.stored(conversation, after=min(wanted) - 1, upto=max(wanted))
        entries = {entry.position: entry for entry in near if entry.position in wanted}
        found += [_line(conversation, entries[position], fields, ground) for position, fields in wanted.items() if position in entries]
    return found


def _line(conversation: int, entry: Stored, fields: Sequence[str], ground: str) -> Line:
    return Line(
        id=journal.new_id(),
        conversation=str(conversation),
        position=entry.position,
        seal=entry.seal.hex(),
        fields=tuple(fields),
        ground=ground,
        at=journal.now(),
    )
