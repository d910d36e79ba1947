"""The signed marker in the text of our mails: most programs quote it, so it finds the conversation when every header was lost. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailgateway import tags
from mailgateway.reply_address import Tag
from mailgateway.tags import Altered, Key, Shape

SHAPE = Shape(b"text-marker", (8, 4))
MAX_CANDIDATES = 50

# One character fewer or more is still taken for a marker, or an altered one would pass unnoticed.
_MARKER = re.compile(rf"\[#([^\s\[\]#]{{{SHAPE.length - 1},{SHAPE.length + 1}}})#\]")


def make(conversation: int, *, addressee: int, key: Key) -> str:
    """The marker, brackets included, as it stands in the mail's text."""
    return f"[#{tags.seal(SHAPE, (conversation, addressee), key)}#]"


def find(text: str, keys: Mapping[int, bytes]) -> Tag | Altered | None:
    """The first valid marker in `text`; Altered when there are only broken ones, None when there is none."""
    broken: Altered | None = None
    for count, match in enumerate(_MARKER.finditer(text)):
        if count >= MAX_CANDIDATES:
            break
        found = tags.unseal(SHAPE, match[1], keys)
        if not isinstance(found, Altered):
            return Tag(*found)
        broken = broken or found
    return broken
