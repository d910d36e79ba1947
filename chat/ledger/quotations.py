"""Whether a text repeats words of another one: line breaks, quote marks, case and spaces do not count. Pure; knows no entry and no mail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 12
"""Characters, without spaces, of a text that is looked for: shorter ones stand in too many others by chance."""
LONG_LINE = 24
"""Characters, without spaces, of one line or sentence that is looked for by itself: a reply may quote only that."""
MOST = 2_000
"""Different pieces that are looked for."""
_QUOTED = re.compile(r"^[ \t]*(?:[>|][ \t]?)+", re.MULTILINE)
_PARTS = re.compile(r"[\n.!?;]+")
_TOKEN = re.compile(r"(?<![^\s<>\"'(),;])[^\s<>\"'(),;@]*@[^\s<>\"'(),;]+|[0-9][0-9 ./-]{6,}[0-9]")
"""An address, or a long number: telling by itself, however short the text around it. An address is looked for where a word begins
and nowhere else, or a long word would cost the square of its length."""


class Words:
    """Pieces of texts to be found in others."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._pieces: set[str] = set()
        self.add(texts)

    def add(self, texts: Iterable[str]) -> None:
        for text in texts:
            if len(self._pieces) < MOST:
                self._pieces |= _pieces(text)

    def stand_in(self, text: str) -> bool:
        """Whether any of the pieces stands in this text."""
        if not self._pieces or not text:
            return False
        plain = squeezed(text)
        return any(piece in plain for piece in self._pieces)


def squeezed(text: str) -> str:
    """The text as it is compared: without quote marks and white space, in small letters, in one form of Unicode."""
    bare = _QUOTED.sub("", text)
    if not bare.isascii():
        bare = unicodedata.normalize("NFKC", bare)
    return "".join(bare.casefold().split())


def _pieces(text: str) -> set[str]:
    whole = squeezed(text)
    found = {whole} if len(whole) >= SHORTEST else set()
    found |= {part for one in _PARTS.split(text) if len(part := squeezed(one)) >= LONG_LINE}
    found |= {token for one in _TOKEN.findall(text) if len(token := squeezed(one)) >= 7}
    return found
