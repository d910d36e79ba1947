"""The signed marker in the text of our mails: most programs quote it, so it finds the conversation when every header was lost. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from mailgateway import tags
from mailgateway.reply_address import Tag
from mailgateway.tags import Altered, Key, Shape

SHAPE = Shape(b"text-marker", (8, 4))
MAX_CANDIDATES = 50
MAX_STARTS = 500
_OPENING, _CLOSING = "[#", "#]"
_LONGEST = 400
"""Characters in which a marker is looked for once programs have broken it over lines, or put markup into it."""

_BETWEEN = re.compile(r"<[^<>]{0,200}>|[\s>|\u00ad\u200b-\u200f\u2060\ufeff]+|&(?:nbsp|shy|zwnj|zwj|ZeroWidthSpace|#\d{1,5});|=\r?\n")


def make(conversation: int, *, addressee: int, key: Key) -> str:
    """The marker, brackets included, as it stands in the mail's text."""
    return f"[#{tags.seal(SHAPE, (conversation, addressee), key)}#]"


def find(text: str, keys: Mapping[int, bytes]) -> Tag | Altered | None:
    """The first valid marker in a text or its HTML; Altered when there are only broken ones, None when there is none."""
    broken: Altered | None = None
    for candidate in islice(_candidates(text), MAX_CANDIDATES):
        found = tags.unseal(SHAPE, candidate, keys)
        if not isinstance(found, Altered):
            return Tag(*found)
        broken = broken or found
    return broken


def _candidates(text: str) -> Iterator[str]:
    """What stands between the brackets, without line breaks, signs of quoting and markup. One character fewer or more is still taken
    for a marker, or an altered one would pass unnoticed."""
    text = _entities(text)
    at = text.find(_OPENING)
    for _ in range(MAX_STARTS):
        if at < 0:
            return
        end = text.find(_CLOSING, at, at + _LONGEST)
        if end > 0:
            inner = _BETWEEN.sub("", text[at + len(_OPENING) : end])
            if abs(len(inner) - SHAPE.length) <= 1:
                yield inner
        at = text.find(_OPENING, at + 1)


def _entities(text: str) -> str:
    for written, meant in (("&#35;", "#"), ("&num;", "#"), ("&#91;", "["), ("&lbrack;", "["), ("&#93;", "]"), ("&rbrack;", "]")):
        text = text.replace(written, meant)
    return text
