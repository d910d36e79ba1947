"""`throughline compare` and `throughline witness`: kept transcripts and mails, held against each other. No database, no settings."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.markup import escape

from chat.ledger.note import BadNote, Key
from chat.transcripts import proof, verifier
from chat.transcripts import witness as witnesses
from chat.transcripts.verifier import Chain
from chat.transcripts.witness import Heard, Said

_KEY = re.compile(r"[^\s+\"'<>]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}")
_SEAL = 32


class _Unusable(Exception):
    """A file that cannot be used; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a newer chain says of an older one of the same conversation. `differs` is the first entry that is not the same, 0 if none."""

    differs: int
    missing: int
    """How many entries of the older one the newer one lacks at its end."""
    crossed_out: dict[int, list[str]]
    """Fields that the older one has and the newer one has not, by position."""


def compared(older: Chain, newer: Chain) -> Compared:
    """Is the older chain the beginning of the newer one?"""
    shared = min(older.position, newer.position)
    places = range(0, _SEAL * shared, _SEAL)
    differs = next((at // _SEAL + 1 for at in places if older.seals[at : at + _SEAL] != newer.seals[at : at + _SEAL]), 0)
    gone = {position: sorted(names - older.crossed_out.get(position, {verifier.SENTENCE})) for position, names in newer.crossed_out.items()}
    shown = {position: names for position, names in gone.items() if names and position <= shared and position not in older.left_out}
    return Compared(differs, older.position - shared, shown)


def compare(older: Path, newer: Path) -> int:
    """Print whether the older transcript is the beginning of the newer. Returns 0 if so, 1 if not, 2 if a file cannot be used."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        (before, old_key), (after, new_key) = _checked(older), _checked(newer)
        if before.conversation != after.conversation:
            raise _Unusable(f"They are about two conversations, {before.conversation} and {after.conversation}.")
    except _Unusable as problem:
        out.print(_shown(str(problem)))
        return 2
    found = compared(before, after)
    if found.differs:
        out.print(f"[red]Different[/red]: entry {found.differs}, or one before it, is another one in the newer transcript.")
        return 1
    if found.missing:
        out.print(f"[red]Cut short[/red]: the newer transcript ends at entry {after.position}; the older one has {before.position}.")
        out.print("The older file is named first: if you named them the other way round, nothing was cut.")
        return 1
    for position, names in found.crossed_out.items():
        out.print(f"Entry {position}: crossed out since: {_shown(', '.join(names))}.")
    more = after.position - before.position
    said = "nothing was added" if not more else f"{more} {'entry' if more == 1 else 'entries'} came after it"
    heads = f"Older head: {_signed(old_key)}. Newer head: {_signed(new_key)}."
    out.print(
        f"The older transcript ({before.position} entries) is the beginning of the newer: nothing in it was changed; {said}.\n{heads}"
    )
    return 0


def witness(mails: Path, transcript: Path, keys: Path | None = None) -> int:
    """Print which mails agree with the transcript. Returns 0 if all do, 1 if one does not, 2 if there is nothing to compare."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        chain, key = _checked(transcript)
        known = ([str(key)] if key else []) + ([str(Key.read(found)) for found in _KEY.findall(_read(keys))] if keys else [])
        heard = list(witnesses.held_against(_said(mails), chain.conversation, bytes(chain.seals), known))
    except (_Unusable, BadNote) as problem:
        out.print(_shown(str(problem)))
        return 2
    if not heard:
        out.print("No mail about this conversation was found there.")
        return 2
    against = [one for one in heard if one.problem]
    for one in against:
        out.print(f"[red]Against[/red] it: {_shown(one.said.where)}: {_shown(one.problem)}; {_worth(one)}.")
    signed = sum(one.signed is not None for one in heard)
    out.print(f"{len(heard) - len(against)} of {len(heard)} mails agree with the transcript. Signed with a known key: {signed}.")
    return 1 if against else 0


def _checked(path: Path) -> tuple[Chain, Key | None]:
    """The chain of a transcript that holds by itself, and the key that signed its head."""
    try:
        head, chain = _transcript(path)
        return chain, proof.signer(head.get("proof"), chain.conversation, chain.position, bytes.fromhex(chain.seal))
    except OSError as problem:
        raise _Unusable(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except verifier.Broken as broken:
        raise _Unusable(f"{path} does not hold by itself. {broken}.") from broken
    except (verifier.Unreadable, BadNote) as problem:
        raise _Unusable(f"{path}: {problem}") from problem


def _transcript(path: Path) -> tuple[dict[str, Any], Chain]:
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start == b"%PDF":
            return verifier.record(verifier.attached(file.read()))
        if start != b"PK\3\4":
            return verifier.record(_pieces(file))
        try:
            with zipfile.ZipFile(file) as archive, archive.open("transcript.json") as inside:
                return verifier.record(_pieces(inside))
        except (zipfile.BadZipFile, KeyError) as problem:
            raise verifier.Unreadable("This archive is no full record of one conversation.") from problem


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(verifier.PIECE):
        yield piece


def _said(mails: Path) -> Iterator[Said]:
    files = sorted(path for path in mails.rglob("*") if path.is_file()) if mails.is_dir() else [mails]
    for path in files:
        try:
            with path.open("rb") as file:
                yield from witnesses.heads_in(file, str(path))
        except OSError as problem:
            raise _Unusable(f"{path} cannot be read: {problem.strerror}.") from problem


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as problem:
        raise _Unusable(f"{path} cannot be read: {problem.strerror}.") from problem


def _signed(key: Key | None) -> str:
    return f"signed by {_shown(key.name)}, key {key.id.hex()}" if key else "not signed"


def _worth(one: Heard) -> str:
    return f"what it says is {_signed(one.signed)}" if one.signed else "no known key signed what it says, so anybody may have written it"


def _shown(text: str) -> str:
    """What stands in a file somebody gave us, for a terminal: as letters, never as commands."""
    return escape("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))
