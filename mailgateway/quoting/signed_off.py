"""Where the signature begins in each stretch of answer: delimiters, lines of telephones, disclaimers, a name alone. Pure.

Knows no quotes; when in doubt it leaves a line to the answer.
"""

from __future__ import annotations

from mailgateway.quoting import signature_signs as signs
from mailgateway.quoting.quote_signs import is_rule

ANSWER, QUOTED, SIGNATURE, FORWARDED = "answer", "quoted", "signature", "forwarded"

# What is longer is no signature, whatever stands above it.
MAX_BELOW_DELIMITER = 40
MAX_BELOW_BARE = 20
"""Below "--" without the blank that belongs there: newsletters part their pieces so."""
MAX_BELOW_RULE = 12
MAX_DISCLAIMER = 25
MAX_WARNING = 6
MAX_ABOVE = 20


def sign(lines: list[str], kinds: list[str]) -> None:
    """Mark signatures: from a delimiter to the end of its stretch of answer, and closing lines at such an end."""
    begin = _put_above(lines, kinds)
    while begin < len(lines):
        if kinds[begin] != ANSWER:
            begin += 1
            continue
        end = begin
        while end < len(lines) and kinds[end] == ANSWER:
            end += 1
        # What stands above a forwarded mail was signed by whoever passes it on; what stands below belongs to that mail.
        start = _start(lines, begin, end)
        if any(line.strip() for line in lines[start:end]):
            kinds[start:end] = [SIGNATURE] * (end - start)
        begin = end


def _put_above(lines: list[str], kinds: list[str]) -> int:
    """Mark what a mail server put above the mail, or a telephone above what was written below it; the place behind it."""
    first = next((at for at, line in enumerate(lines[:MAX_ABOVE]) if line.strip()), -1)
    if first < 0 or kinds[first] != ANSWER:
        return 0
    end = first + 1
    if signs.is_warning(" ".join(line.strip() for line in lines[first : first + 3])):
        while end < len(lines) and lines[end].strip() and end - first < MAX_WARNING:
            end += 1
    elif not signs.is_device_line(lines[first]):
        return 0
    if (
        end >= len(lines)
        or lines[end].strip()
        or not any(line.strip() and kind == ANSWER for line, kind in zip(lines[end:], kinds[end:], strict=True))
    ):
        return 0
    kinds[first:end] = [SIGNATURE] * (end - first)
    return end


def _start(lines: list[str], begin: int, end: int) -> int:
    end = _without_closing(lines, begin, _trimmed(lines, begin, end))
    # Long texts have many lines like these: only the last few can begin a signature.
    for at in range(max(begin, _back(lines, begin, end, MAX_BELOW_DELIMITER + 1)), end):
        text = lines[at].rstrip("\r \t\xa0")
        if text in ("--", "-- ", "--\u200b") and (_blank_behind(lines[at]) or at >= _back(lines, begin, end, MAX_BELOW_BARE + 1)):
            return _with_name(lines, begin, at)
        if len(text) > 1 and not text.strip("_") and at >= _back(lines, begin, end, MAX_BELOW_RULE + 1):
            return _with_name(lines, begin, at)
    return _with_name(lines, begin, end)


def _blank_behind(line: str) -> bool:
    return len(line.rstrip("\r")) > 2


def _trimmed(lines: list[str], begin: int, end: int) -> int:
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


def _back(lines: list[str], begin: int, end: int, count: int) -> int:
    """The place from which on `count` lines with words stand before `end`."""
    at = end
    while at > begin and count:
        at -= 1
        count -= bool(lines[at].strip())
    return at


def _without_closing(lines: list[str], begin: int, end: int) -> int:
    """The end of what stands above telephones' lines and disclaimers; several may stand below each other."""
    while end > begin:
        above = _one_less(lines, begin, end)
        if above == end:
            break
        end = _trimmed(lines, begin, above)
        while end > begin and (is_rule(lines[end - 1]) or lines[end - 1].strip() in ("--", "-")):
            end = _trimmed(lines, begin, end - 1)
    return end


def _one_less(lines: list[str], begin: int, end: int) -> int:
    last = lines[end - 1]
    if signs.is_device_line(last):
        return end - 1
    # Its link, or its second half, may have been wrapped onto a line of its own.
    if end - 2 >= begin and len(last) <= 200 and signs.is_device_line(f"{lines[end - 2].strip()} {last.strip()}"):
        return end - 2
    for at in range(end - 1, max(begin - 1, end - 1 - MAX_DISCLAIMER), -1):
        if signs.is_disclaimer(lines[at]) and (at == begin or not lines[at - 1].strip() or is_rule(lines[at - 1])):
            return at
    return end


def _with_name(lines: list[str], begin: int, at: int) -> int:
    """`at`, or the line of a "-Nadia Lang" directly above it."""
    last = _trimmed(lines, begin, at)
    if last - 1 > begin and signs.is_name_sign(lines[last - 1]) and not lines[last - 2].strip():
        return last - 1
    return at
