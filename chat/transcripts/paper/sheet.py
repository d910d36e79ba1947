"""An entry as the template of the paper takes it: short names, plain strings, nothing left to decide. Knows no conversation."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from chat.transcripts.clock import size
from chat.transcripts.reading import Reading

_UNBROKEN = re.compile(
    # A place to break, but not inside of what is drawn as one sign; after sixty letters anywhere, for a pile of marks is no sign, and
    # the typesetter cannot draw one of 64 KB. The steps are bounded: a megabyte of marks costs no more.
    "[^\\s\\u200b]{40,59}?[^\\s\\u200b\\u200d](?![\\s\\u200d\ufe00-\ufe0f\u0300-\u036f\u064b-\u065f\u20d0-\u20ff\U0001f3fb-\U0001f3ff])"
    "|[^\\s\\u200b]{60}"
)
_BREAK = "\u200b"
_CIRCLE = "\u25cc"
_HEIGHT = 30
_PILE = re.compile(rf"[^\w\s]{{{_HEIGHT},}}")
_SHORT = 900
"""Characters up to which an entry stays on one page."""


def entry(read: Reading, position: int, *, time: str, date: str) -> dict[str, Any]:
    """One entry. What is not there has no name."""
    said = breakable(read.said)
    found: dict[str, Any] = {"t": time, "p": str(position), "h": breakable(read.title), "k": read.look}
    optional = {
        "l": read.line,
        "w": read.way if read.look == "message" else "",
        "s": said,
        "r": leads_right(said),
        "f": [[label, breakable(value)] for label, value in read.facts],
        "a": [[breakable(f.name), f.media_type, size(f.size), f.digest] for f in read.files if f.digest],
        "q": [[label, breakable(value), leads_right(value)] for label, value in read.folded],
        "n": [breakable(step) for step in read.steps],
        "x": ", ".join(read.crossed_out),
        "y": date if read.look == "decision" else "",
        "b": _long(read),
    }
    found.update((name, value) for name, value in optional.items() if value)
    return found


def logged(read: Reading, when: str, position: int) -> list[str]:
    """One line of the log: when, number, what."""
    told = [read.title, *(f"{label}: {value}" for label, value in read.facts)]
    return [when, str(position), breakable(". ".join(told))]


def breakable(text: str) -> str:
    """The text with places to break in words that are longer than a line; a reader does not see them."""
    if len(text) <= 40:
        return text
    if not text.isascii():
        text = _PILE.sub(lambda found: _parted(found[0]), text)
    return _UNBROKEN.sub(lambda found: found[0] + _BREAK, text)


def leads_right(text: str) -> bool:
    """Whether the first letter with a direction is one of a script that runs from right to left (UAX 9, rule P2)."""
    for char in text[:1000]:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _parted(run: str) -> str:
    """Marks that take no room of their own in piles of bounded height, each further one on a circle: a line of them would never be full."""
    parted, height = [], 0
    for char in run:
        parted.append(char)
        height = height + 1 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 0
        if height == _HEIGHT:
            parted.append(_BREAK + _CIRCLE)
            height = 0
    return "".join(parted)


def _long(read: Reading) -> bool:
    texts = (read.said, *(value for _, value in (*read.facts, *read.folded)), *read.steps)
    return sum(len(text) + 80 * text.count("\n") for text in texts) > _SHORT or len(read.files) > 8
