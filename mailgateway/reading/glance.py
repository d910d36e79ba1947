"""A mail that was too much for the parser, read again with hardly any means: its headers, and the beginning of its text. Never heavy.

Knows no attachments: whoever asks keeps the mail itself.
"""

from __future__ import annotations

import html
import re

from mailgateway import charset
from mailgateway.reading import transfer
from mailgateway.reading.body import Body
from mailgateway.reading.mime import Budget, Part

MAX_PARTS = 40
MAX_OCTETS = 128 * 1024
MAX_TEXT = 32 * 1024

# Bounded, or a "<" without its end would be looked for from each place again.
_TAG = re.compile(r"<[^<>]{0,1000}>")
_HIDDEN = re.compile(r"<(style|script|title)\b[^<>]{0,1000}>[^<]{0,20000}", re.IGNORECASE)
_GAPS = re.compile(r"\s*\n\s*")


def gather(root: Part, budget: Budget) -> Body:
    """The first text of the mail, cut; HTML without its tags."""
    part = _first(root)
    if part is None:
        return Body()
    octets = transfer.decoded(part.source[part.begin : min(part.end, part.begin + MAX_OCTETS)], part.encoding)
    text, note = charset.decode(octets, part.type_params.get("charset", ""))
    budget.note(note)
    if part.media_type == "text/html":
        text = _GAPS.sub("\n", html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", text)))).strip()
    return Body(text=charset.clean(text[:MAX_TEXT]))


def _first(part: Part) -> Part | None:
    """The first plain part, or the first in HTML if there is none."""
    found: Part | None = None
    for leaf in _leaves(part):
        if leaf.media_type == "text/plain":
            return leaf
        if leaf.media_type == "text/html":
            found = found or leaf
    return found


def _leaves(part: Part) -> list[Part]:
    return [leaf for child in part.children for leaf in _leaves(child)] if part.children else [part]
