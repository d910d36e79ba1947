"""What goes when somebody's content goes: fields of entries, and later entries that quote them. Reads the events; changes nothing.

Knows the tables; who may ask for it, and on what ground, is decided above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chat.ledger.event import SENTENCE, personal_fields
from chat.ledger.models import Event
from chat.ledger.quotations import SHORTEST, Words, squeezed
from chat.ledger.raw_words import repeats
from chat.ledger.triggers import PERMITTING

Entries = dict[int, tuple[str, ...]]
"""Position to the names of fields."""
SUBJECT = "subject"
RAW = "original"
"""The field that names the raw mail: what was in any other field of the entry stands in there too."""
_OF_OTHERS = frozenset({RAW, "quoted", "by", "to", "cc"})
"""Fields whose words are not looked for elsewhere: they are others', or too common."""
_NOT_WORDS = frozenset({RAW, "by"})


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as far as it is needed here: `values` are the fields that are not crossed out."""

    position: int
    kind: str
    version: int
    actor: str
    seal: bytes
    values: Mapping[str, Any]

    def personal(self) -> tuple[str, ...]:
        """The fields that hold personal data, attachments one by one."""
        named = personal_fields(self.kind, self.version)
        return tuple(sorted(name for name in self.values if named is None or name.partition(".")[0] in named))


def stored(conversation: int, *, after: int = 0, upto: int = 2**62, page: int = 200) -> Iterator[Stored]:
    """The entries of a record in order, a page at a time."""
    while True:
        rows = list(
            Event.objects.filter(conversation_id=conversation, position__gt=after, position__lte=upto)
            .order_by("position")
            .values_list("position", "kind", "kind_version", "actor", "seal", "body")[:page]
        )
        for position, kind, version, actor, seal, body in rows:
            yield Stored(position, kind, version, actor, bytes(seal), _values(body))
        if len(rows) < page:
            return
        after = rows[-1][0]


def everything(conversation: int) -> Entries:
    """Every field of a record that holds personal data. What was erased before, by whom and on what ground, stays told."""
    return {e.position: fields for e in stored(conversation) if (fields := _may_go(e))}


def of_person(conversation: int, ref: str) -> Entries:
    """What one of several people said in a record, with the names and addresses by which others mention them."""
    own: Entries = {}
    names: set[str] = set()
    for entry in stored(conversation):
        # What they said, and the entry by which somebody else brought them in.
        if ref in (entry.actor, entry.values.get("who")) and (fields := entry.personal()):
            own[entry.position] = fields
            names |= {str(entry.values[name]) for name in ("address", "shown_name", "number") if entry.values.get(name)}
    return with_quotations(conversation, own, also=names)


def with_quotations(conversation: int, entries: Mapping[int, Sequence[str]], *, also: Iterable[str] = ()) -> Entries:
    """These fields, the raw mails they came or went in, and what repeats their words later: fields of other entries, and other raw mails.

    A field of another entry goes as a whole: a part of a sealed value cannot. `also` are further words to look for.
    """
    found: Entries = {position: tuple(fields) for position, fields in entries.items()}
    words = Words(also)
    for position, subject in _subjects_from(conversation, found):
        found[position] = tuple(sorted({*found.get(position, ()), SUBJECT}))
        words.add([subject])
    for entry in stored(conversation):
        asked = set(found.get(entry.position, ()))
        fields = asked | {name for name in _may_go(entry) if name not in _NOT_WORDS and _repeats(words, entry.values[name])}
        raw = entry.values.get(RAW)
        if raw and (fields or entry.values.get("of") in found or repeats(str(raw), words)):
            fields.add(RAW)
        if fields:
            found[entry.position] = tuple(sorted(fields))
        # Only what comes later can quote it; and what it quotes itself are the words of others.
        words.add(text for name in asked - _OF_OTHERS for text in _texts(entry.values.get(name)))
    return found


def _subjects_from(conversation: int, entries: Entries) -> list[tuple[int, str]]:
    """Subjects that were made of the words of these fields: they may stand before them, and be cut short."""
    texts: list[str] = []
    subjects: list[tuple[int, str]] = []
    for entry in stored(conversation):
        asked = entries.get(entry.position, ())
        texts += [squeezed(text) for name in asked if name not in _OF_OTHERS for text in _texts(entry.values.get(name))]
        if entry.values.get(SUBJECT) and SUBJECT in entry.personal():
            subjects.append((entry.position, str(entry.values[SUBJECT])))
    return [(position, subject) for position, subject in subjects if _is_made_of(subject, texts)]


def _is_made_of(subject: str, texts: Sequence[str]) -> bool:
    bare = squeezed(subject).removeprefix("re:").rstrip("\u2026.")
    return len(bare) >= SHORTEST and any(bare in text for text in texts)


def _may_go(entry: Stored) -> tuple[str, ...]:
    personal = entry.personal()
    return tuple(name for name in personal if name == "reason") if entry.kind in PERMITTING else personal


def _values(body: str) -> dict[str, Any]:
    return {name: orjson.loads(pair[1]) for name, pair in orjson.loads(body).items() if pair is not None and name != SENTENCE}


def _repeats(words: Words, value: Any) -> bool:
    return any(map(words.stand_in, _texts(value)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(value.get("name"))
