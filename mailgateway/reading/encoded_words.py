"""RFC 2047 words in header values, also where senders cut, join, or close them wrongly. Linear. Knows no field."""

from __future__ import annotations

import quopri
import re

from mailgateway import charset
from mailgateway.reading.transfer import unbase64

# A word ends at "?=", but "a question??=" is sent too; one that is never closed ends where the next begins, or with the value.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?\n=]|=(?!\?[^=\s])|\?(?!=))*)(?:\?=|\Z)")
_GAP = re.compile(r"(\?=)\s+(?==\?)")
_SPACE = re.compile(r"\s+")


def words(value: str) -> str:
    """The value with its encoded words decoded, on one line: a line break inside of a word makes no new field."""
    if "=?" not in value:
        return one_line(value)
    joined = _GAP.sub(r"\1", value)
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for match in _WORD.finditer(joined):
        if match.start() > at:
            out.append(_join(pending))
            pending = []
            out.append(joined[at : match.start()])
        label = match[1].split("*", 1)[0].lower()
        raw = _octets(match[2], match[3])
        # Senders cut words in the middle of a character, so neighbours of one charset are decoded together.
        if pending and pending[-1][0] == label:
            pending[-1] = (label, pending[-1][1] + raw)
        else:
            pending.append((label, raw))
        at = match.end()
    out.append(_join(pending))
    out.append(joined[at:])
    return one_line("".join(out))


def one_line(value: str) -> str:
    """Without line breaks and controls, white space as one blank each."""
    return _SPACE.sub(" ", charset.clean(value)).strip()


def _octets(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return unbase64(text.encode("ascii", "ignore"))
    return quopri.decodestring(text.encode("utf-8", "replace"), header=True)


def _join(pending: list[tuple[str, bytes]]) -> str:
    return "".join(charset.decode(raw, label)[0] for label, raw in pending)
