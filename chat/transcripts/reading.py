"""What an entry is when somebody reads it: a title, what was said, labelled facts, files. Each family of kinds registers its own readings.

A kind without a reading is shown by its sentence and its plain text fields, so a new kind needs nothing here. Knows no format.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import singledispatch
from typing import Any

from msgspec import Struct

from chat.ledger.event import AttachmentRef, Unknown
from chat.transcripts.clock import Clock

ROLES = {"agent": "agent", "lead": "team lead", "admin": "administrator", "analyst": "analyst", "team lead": "team lead"}
FORMATS = {
    "csv": "table (CSV)",
    "html": "web page",
    "json": "data (JSON)",
    "jsonl": "data (JSON Lines)",
    "pdf": "PDF",
    "text": "plain text",
    "eml": "e-mails",
    "mbox": "mailbox",
    "full-record": "full record",
}
"""Names of roles and of formats as entries hold them, in a reader's words; one that is not here stands as it is."""


DIGEST = "The digest below stands for every entry up to here. The JSON transcript holds what is needed to calculate it again without us."
WITHHELD = "Every entry stands here; those that are withheld stand with the ground."
"""What every paper says at its foot."""


class Reading(Struct, frozen=True, kw_only=True):
    """One entry as it is read.

    `look` is message, note, event (binds or changes something), decision, withheld, or trace (who saw or took what).
    """

    title: str
    said: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    folded: tuple[tuple[str, str], ...] = ()
    """Quoted history and signatures: kept, but out of the way."""
    files: tuple[AttachmentRef, ...] = ()
    """In their order; one that is crossed out keeps its place and has no digest."""
    look: str = "event"
    icon: str = "list"
    steps: tuple[str, ...] = ()
    """What can be done against a decision."""
    way: str = ""
    """The channel in words, for messages."""
    line: str = ""
    """mail | call | bot | empty for the chat: the style of the line."""
    crossed_out: tuple[str, ...] = ()
    """Names of fields that were crossed out."""


def facts(clock: Clock, **pairs: str) -> tuple[tuple[str, str], ...]:
    """Those of the pairs that hold something. A label is written as a name: `their_server_said` is "Their server said"."""
    return tuple((clock.say(name.replace("_", " ").capitalize()), value) for name, value in pairs.items() if value)


def person(clock: Clock, name: str, role: str = "") -> str:
    """Ruth, team lead"""
    return ", ".join(part for part in (name, clock.say(ROLES.get(role, role)) if role else "") if part)


@singledispatch
def read(body: Any, clock: Clock) -> Reading:
    """The reading of a body of any kind."""
    plain = {} if not is_dataclass(body) else {f.name: getattr(body, f.name) for f in fields(body)}
    if isinstance(body, Unknown):
        plain = dict(body.values)
    shown = {name: value for name, value in plain.items() if isinstance(value, str) and name not in ("by", "text")}
    return Reading(title=body.sentence().rstrip("."), said=str(plain.get("text") or ""), facts=facts(clock, **shown))
