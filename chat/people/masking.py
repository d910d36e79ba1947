"""Numbers that nobody needs to keep: card numbers, and what a site describes by patterns, are masked before anything is stored.

Pure text in, text out; a site brings its rules. Patterns are a small language without choice or repetition, so that none can be slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

CARD = "card number"
LENGTHS = range(13, 20)
"""Digits of a card number (ISO/IEC 7812-1 allows 8 to 19; those in use have 13 or more)."""
MOST_PATTERNS = 20
LONGEST_PATTERN = 80
MOST_REPEATED = 40
_GAP = "[ \u00a0\u2007\u2009\u202f\u2010-\u2013-]"
_MAYBE = re.compile(rf"\d(?:{_GAP}?\d){{12}}")
_MAYBE_ASCII = re.compile("[0-9][0-9 -]{12}")
"""Asked of every chat line, so it asks for little."""
_RUN = re.compile(rf"\d+(?:{_GAP}\d+)*")
_GROUP = re.compile(r"\d+")
_PART = re.compile(r"([#@])(?:\{([0-9]{1,3})\})?|(.)", re.DOTALL)


class BadPattern(ValueError):
    """A pattern that cannot be used; the sentence says why."""


class Masking(Protocol):
    """What a site says about masking."""

    mask_cards: bool
    mask_patterns: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is masked: card numbers or not, and (name, pattern) of whatever else."""

    cards: bool = True
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def masked(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with what must not be kept replaced, and what each of it was. Nearly always the very same text, at once."""
        if not self.patterns and not (self.cards and _may_hold_a_card(text)):
            return text, ()
        found: list[str] = []
        if self.cards:
            text = _RUN.sub(lambda run: _without_cards(run[0], found), text)
        for name, pattern in self.patterns:
            text, count = pattern.subn(f"[{name} masked]", text)
            found += [name] * count
        return text, tuple(found)


NOTHING = Rules(cards=False)


def rules_of(site: Masking) -> Rules:
    """The rules of a site. Patterns that cannot be read are left out: the form refuses them before they are saved."""
    return _rules(site.mask_cards, site.mask_patterns)


def patterns(lines: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The patterns a site wrote, one a line as `name: pattern`. Raises BadPattern.

    `#` is a digit, `@` a letter, `#{6}` six digits; everything else stands for itself, in small or capital letters.
    """
    found = [_pattern(line.strip()) for line in lines.splitlines() if line.strip()]
    if len(found) > MOST_PATTERNS:
        raise BadPattern(f"At most {MOST_PATTERNS} patterns.")
    return tuple(found)


@lru_cache(maxsize=256)
def _rules(cards: bool, lines: str) -> Rules:
    try:
        return Rules(cards, patterns(lines))
    except BadPattern:
        return Rules(cards)


def _pattern(line: str) -> tuple[str, re.Pattern[str]]:
    name, colon, shape = (part.strip() for part in line.partition(":"))
    if not colon or not name or not shape:
        raise BadPattern(f"{line[:40]!r}: write a name, a colon and the pattern, as in `customer number: KD-#{{6}}`.")
    if len(name) > 40 or not name.replace(" ", "").isalnum():
        raise BadPattern(f"{name[:40]!r}: the name has letters, digits and spaces, 40 at most.")
    if len(shape) > LONGEST_PATTERN:
        raise BadPattern(f"{name}: a pattern has at most {LONGEST_PATTERN} characters.")
    parts, places = [], 0
    for kind, times, literal in _PART.findall(shape):
        count = int(times or 1)
        if not 0 < count <= MOST_REPEATED:
            raise BadPattern(f"{name}: a sign stands 1 to {MOST_REPEATED} times.")
        places += count if kind else 0
        parts.append(f"{_SIGNS[kind]}{{{count}}}" if kind else re.escape(literal))
    if places < 4:
        raise BadPattern(f"{name}: a pattern needs at least four digits or letters, or it would mask ordinary words.")
    return name, re.compile(rf"(?<!\w){''.join(parts)}(?!\w)", re.IGNORECASE)


def _may_hold_a_card(text: str) -> bool:
    return bool((_MAYBE_ASCII if text.isascii() else _MAYBE).search(text))


_SIGNS = {"#": r"\d", "@": r"[^\W\d_]"}


def _without_cards(run: str, found: list[str]) -> str:
    """A run of digits with single gaps, with the card numbers in it masked. They begin and end where a group of digits does."""
    if len(run) < LENGTHS[0]:
        return run
    groups = [match.span() for match in _GROUP.finditer(run)]
    digits = "".join(run[a:b] for a, b in groups)
    ends = list(accumulate(b - a for a, b in groups))
    sums = _Sums(digits)
    out, at, first, near = [], 0, 0, 0
    while first < len(groups):
        begin = ends[first - 1] if first else 0
        while near < len(ends) and ends[near] - begin < LENGTHS[0]:
            near += 1
        last = _last_of_card(sums, ends, begin, near)
        if last >= 0:
            out += [run[at : groups[first][0]], f"[{CARD} masked, ends {digits[ends[last] - 4 : ends[last]]}]"]
            found.append(CARD)
            at = groups[last][1]
        first = max(last, first) + 1
    return "".join(out) + run[at:]


def _last_of_card(sums: _Sums, ends: list[int], begin: int, near: int) -> int:
    """The group with which the longest card number from `begin` on ends, of `near` and those behind it; -1 if there is none."""
    found = -1
    if sums.begins(begin):
        for last in range(near, len(ends)):
            if ends[last] - begin > LENGTHS[-1]:
                break
            if sums.checks(begin, ends[last]):
                found = last
    return found


class _Sums:
    """Check sums of every piece of a long row of digits, each in one step: whole mails of digits come in."""

    def __init__(self, digits: str) -> None:
        plain = bytes(map(int, digits))  # the digits of every script
        self._digits = plain
        odd, even = bytearray(plain), bytearray(plain)
        odd[1::2], even[0::2] = plain[1::2].translate(_DOUBLED), plain[0::2].translate(_DOUBLED)
        self._sums = list(accumulate(odd, initial=0)), list(accumulate(even, initial=0))
        """Up to each digit, with every second one doubled: those at odd places, those at even ones."""

    def begins(self, begin: int) -> bool:
        """Whether it is a first digit that payment cards have."""
        return 2 <= self._digits[begin] <= 6

    def checks(self, begin: int, end: int) -> bool:
        """The check digit of ISO/IEC 7812-1 (Luhn): the last digit is not doubled, the one before it is."""
        sums = self._sums[(end - 1) % 2]
        return (sums[end] - sums[begin]) % 10 == 0


_DOUBLED = bytes(sum(divmod(2 * value, 10)) if value < 10 else 0 for value in range(256))


def is_card(digits: str) -> bool:
    """Whether these digits pass as a card number: a first digit that payment cards have, and the check digit."""
    sums = _Sums(digits)
    return sums.begins(0) and sums.checks(0, len(digits))
