"""How text becomes words that can be found, the same on every engine: case, accents and punctuation do not count. Knows no table.

Writing that sets no spaces between words (Chinese, Japanese, Thai, ...) is cut into overlapping pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chat.ledger.event import searched_fields

LONGEST = 40
"""Characters of a word that count; two words that differ only beyond are one."""
TEXT = 100_000
"""Characters of a field that are looked at."""
MOST = 4_000
"""Different words of one event."""
ASKED = 8
"""Words of a question that count."""

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_VOICED = {0x3099, 0x309A}
"""Marks that make another letter in Japanese, and no accent."""
_MARKS = {code: None for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M" and code not in _VOICED}


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for: all of `words`, and a word that begins with `begins` (empty: none)."""

    words: tuple[str, ...] = ()
    begins: str = ""


def words(text: str) -> Iterator[str]:
    """The words of a text in order, repeated as they are."""
    if text.isascii():
        for match in _WORD.finditer(text.lower()):
            yield match[0][:LONGEST]
        return
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_MARKS)).casefold()
    for match in _WORD.finditer(plain):
        if _HAS_UNSPACED.search(match[0]):
            yield from _cut(match[0])
        else:
            yield match[0][:LONGEST]


def question(text: str) -> Question:
    """What was typed, as words; the last one is taken as the beginning of a word unless a space follows."""
    found = list(dict.fromkeys(words(text[:400])))[:ASKED]
    if not found or text[-1:].isspace():
        return Question(tuple(found))
    return Question(tuple(found[:-1]), found[-1])


def of_event(kind: str, version: int, values: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """All words of an event that can be found, and those among them that say who the customer is. Both empty for kinds unknown here."""
    searched, who = searched_fields(kind, version)
    every: set[str] = set()
    people: set[str] = set()
    for name, value in values.items():
        field = name.partition(".")[0]
        if field in searched:
            found = {word for text in _texts(value) for word in words(text[:TEXT])}
            every |= found
            if field in who:
                people |= found
    if len(every) > MOST:
        every = people | set(sorted(every)[:MOST])
    return every, people


def _cut(word: str) -> Iterator[str]:
    for run in _RUNS.findall(word):
        if not _HAS_UNSPACED.match(run):
            yield run[:LONGEST]
        elif len(run) == 1:
            yield run
        else:
            yield from (run[start : start + 2] for start in range(len(run) - 1))


def _texts(value: Any) -> Iterator[str]:
    """The text in a stored value: itself, each of a list, or the name of a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(value.get("name"))
