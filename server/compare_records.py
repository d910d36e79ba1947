"""`throughline compare` and `throughline witness`: kept transcripts and mails, held against each other. No database, no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape

from chat.ledger.note import BadNote, Key
from chat.ledger.seal import Broken
from chat.transcripts import proof
from chat.transcripts import witness as witnesses
from chat.transcripts.witness import Heard, Said


class _Unusable(Exception):
    """A file that cannot be used; the sentence names it."""


def compare(older: Path, newer: Path) -> int:
    """Print whether the older transcript is the beginning of the newer. Returns 0 if so, 1 if not, 2 if a file cannot be used."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        (before, old_key), (after, new_key) = _checked(older), _checked(newer)
        found = proof.compared(before, after)
    except (_Unusable, proof.Different) as problem:
        out.print(_shown(str(problem)))
        return 2
    for position, names in found.crossed_out:
        out.print(f"Entry {position}: crossed out since: {_shown(', '.join(names))}.")
    if found.problem is not None:
        out.print(f"[red]Different[/red]: entry {found.problem.position}: {_shown(found.problem.problem)}.")
        return 1
    more = found.newer - found.older
    said = "nothing was added" if not more else f"{more} {'entry' if more == 1 else 'entries'} came after it"
    heads = f"Older head: {_signed(old_key)}. Newer head: {_signed(new_key)}."
    out.print(f"The older transcript ({found.older} entries) is the beginning of the newer: nothing in it was changed; {said}.\n{heads}")
    return 0


def witness(mails: Path, transcript: Path) -> int:
    """Print which mails agree with the transcript. Returns 0 if all do, 1 if one does not, 2 if there is nothing to compare."""
    out = Console(highlight=False, soft_wrap=True)
    try:
        document, key = _checked(transcript)
        heard = list(witnesses.held_against(_said(mails), document, [str(key)] if key else []))
    except _Unusable as problem:
        out.print(_shown(str(problem)))
        return 2
    if not heard:
        out.print("No mail about this conversation was found there.")
        return 2
    against = [one for one in heard if one.problem]
    for one in against:
        out.print(f"[red]Against[/red] it: {_shown(one.said.where)}: {_shown(one.problem)}; {_worth(one)}.")
    signed = sum(one.signed is not None for one in heard)
    out.print(f"{len(heard) - len(against)} of {len(heard)} mails agree with the transcript. Signed with its key: {signed}.")
    return 1 if against else 0


def _checked(path: Path) -> tuple[dict[str, Any], Key | None]:
    """A JSON transcript that holds by itself, and the key that signed its head."""
    try:
        document = orjson.loads(path.read_bytes())
        held = proof.check(document)
        key = proof.signer(document)
    except OSError as problem:
        raise _Unusable(f"{path} cannot be read: {problem.strerror}.") from problem
    except BadNote as problem:
        raise _Unusable(f"{path}: {problem}") from problem
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _Unusable(f"{path} is no JSON transcript. In a full record it is the file that ends in .json.") from problem
    if isinstance(held, Broken):
        raise _Unusable(f"{path} does not hold by itself: entry {held.position}: {held.problem}.")
    return document, key


def _said(mails: Path) -> Iterator[Said]:
    files = sorted(path for path in mails.rglob("*") if path.is_file()) if mails.is_dir() else [mails]
    for path in files:
        try:
            with path.open("rb") as file:
                yield from witnesses.heads_in(file, str(path))
        except OSError as problem:
            raise _Unusable(f"{path} cannot be read: {problem.strerror}.") from problem


def _signed(key: Key | None) -> str:
    return f"signed by {_shown(key.name)}, key {key.id.hex()}" if key else "not signed"


def _worth(one: Heard) -> str:
    return f"what it says is {_signed(one.signed)}" if one.signed else "it is not signed with that key, so anybody may have written it"


def _shown(text: str) -> str:
    """What stands in a file somebody gave us, for a terminal: as letters, never as commands."""
    return escape("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))
