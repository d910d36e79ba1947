"""What of the team's own entries stands open in a customer's transcript: decided once, by what was sealed, for every format and page.

Nothing is ever absent: what may not be read stands there emptied, with the ground. Knows no format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from chat.events.talk import GROUNDS
from chat.ledger.event import DISCLOSED, Audience, Unknown, disclosable
from chat.ledger.read import Entry

TEAM = "team"
GROUNDS_TOLD = {**GROUNDS, TEAM: "it is for the team only"}
"""Codes of grounds and their words."""


class Sealed(Protocol):
    """The columns that decide; an `Entry` and a `Row` of the chain have them."""

    @property
    def audience(self) -> str: ...
    @property
    def disclose(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def kind_version(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld(Unknown):
    """Stands in place of a body that this reader may not read."""

    ground: str


def ground(entry: Sealed, reader: Audience) -> str:
    """Why this reader may not read an entry, as a code of GROUNDS_TOLD; empty if it stands open to them."""
    if reader is Audience.AGENTS or entry.audience == Audience.EVERYONE:
        return ""
    if not disclosable(entry.kind, entry.kind_version):
        return TEAM
    return "" if entry.disclose == DISCLOSED else entry.disclose


def disclosed(entry: Entry, reader: Audience) -> Entry:
    """The entry as this reader may have it: whole, or without anything but its header."""
    why = ground(entry, reader)
    if not why:
        return entry
    body = Withheld(name=entry.kind, values={}, stored_sentence="This entry is withheld.", ground=why)
    return replace(entry, body=body, values={}, sentence=body.stored_sentence, crossed_out=())
