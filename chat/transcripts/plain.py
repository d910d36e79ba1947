"""What people wrote, made harmless for paper and screens, and still whole: nothing in it acts, everything can be seen.

Control characters (terminal escapes among them) become visible signs, and no sign can turn the reading direction of what stands
around it. Knows no markup: formats escape their own.
"""

from __future__ import annotations

import re

_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff\u2066-\u2069]")
_BREAKS = "\u2028\u2029"
_FIRST_STRONG, _END = "\u2068", "\u2069"
_NEW_LINE = "\u2424"
"""The sign for a line break where there is room for one line only."""


def visible(text: str) -> str:
    """The text with line breaks and tabs as they are, and every other control character as a sign that can be seen.

    Directional overrides and embeddings (UAX 9, section 2) are shown by their number; isolates stay if each is closed in its line.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not _ODD.search(text):
        return text
    return "\n".join(_line(line) for line in re.split(f"[\n{_BREAKS}]", text))


def inline(text: str) -> str:
    """The same in one line: for names, titles, labels and file names, which must not look like more than one."""
    text = visible(text)
    return text.replace("\n", _NEW_LINE).replace("\t", " ") if "\n" in text or "\t" in text else text


def isolated(text: str) -> str:
    """The text set apart, if it runs from right to left, so that it leaves the order of its neighbours alone."""
    return f"{_FIRST_STRONG}{text}{_END}" if not text.isascii() and _RIGHT_TO_LEFT.search(text) else text


def _line(line: str) -> str:
    keep = _closed(line)
    return _ODD.sub(lambda found: found[0] if keep and found[0] >= "\u2066" else _sign(found[0]), line)


def _closed(line: str) -> bool:
    depth = 0
    for found in _ISOLATES.finditer(line):
        depth += -1 if found[0] == _END else 1
        if depth < 0:
            return False
    return depth == 0


def _sign(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # Control Pictures
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"[U+{code:04X}]"
