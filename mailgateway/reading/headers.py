"""Lenient reading of header blocks: fields, identifiers, dates; bounded and linear. Words, parameters, addresses have rooms of their own.
Knows no bodies.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from mailgateway import charset
from mailgateway.reading.address_list import MAX_ADDRESSES, addresses
from mailgateway.reading.encoded_words import words
from mailgateway.reading.parameters import parameters
from mailgateway.reading.transfer import unbase64

__all__ = [
    "DELIVERED",
    "MAX_ADDRESSES",
    "MAX_BLOCK",
    "Fields",
    "addresses",
    "date",
    "every",
    "fields",
    "first",
    "identifiers",
    "parameters",
    "unbase64",
    "words",
]

MAX_BLOCK = 256 * 1024
MAX_VALUE = 64 * 1024
MAX_FIELDS = 2000
MAX_IDS = 100
MAX_ID = 998
DELIVERED = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
    "x-rcpt-to",
    "x-gm-original-to",
)
"""Where servers note whom a mail was for: Postfix, Dovecot and Gmail, Exim, and what is read into a mailbox elsewhere."""

_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_ID = re.compile(r"<([^<>\s]{1,998})>")
_FOLD = re.compile(r"\s+")
_CHARSET = re.compile(rb"charset\*?\s*=\s*[\"']?([A-Za-z0-9._:+-]{2,40})")
# Days and months in words other than English, or none: parsed by their numbers.
_NUMBERS = re.compile(r"(\d{1,2})[. -]+(\w{3})\w*[. -]+(\d{2,4})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s*(.*)")
_MONTHS = {
    **dict.fromkeys(("mär", "mrz", "maa", "mrt"), "Mar"),
    **dict.fromkeys(("avr", "abr"), "Apr"),
    **dict.fromkeys(("mai", "mei", "maj", "mag"), "May"),
    **dict.fromkeys(("aoû", "ago"), "Aug"),
    **dict.fromkeys(("okt", "out", "ott"), "Oct"),
    **dict.fromkeys(("dez", "déc", "dic"), "Dec"),
    **dict.fromkeys(("fév", "fev"), "Feb"),
    **{"ene": "Jan", "gen": "Jan", "giu": "Jun", "lug": "Jul", "set": "Sep"},
}

Fields = list[tuple[str, str]]


def fields(block: bytes, *, hint: str = "") -> Fields:
    """(lower-case name, unfolded raw value) in order; a line that is no field is left out. `hint` names the charset of raw 8-bit values."""
    found: list[tuple[str, list[bytes]]] = []
    for line in block[:MAX_BLOCK].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
                continue
            line = line.lstrip()
        match = _NAME.match(line)
        if match:
            if len(found) >= MAX_FIELDS:
                break
            found.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
    return [(name, _text(b"".join(parts)[:MAX_VALUE].strip(), hint)) for name, parts in found]


def stated_charset(raw: bytes) -> str:
    """The first charset named anywhere in these octets, for values that say none."""
    match = _CHARSET.search(raw)
    return match[1].decode("ascii") if match else ""


def first(known: Fields, name: str) -> str:
    return next((value for key, value in known if key == name), "")


def every(known: Fields, name: str) -> list[str]:
    return [value for key, value in known if key == name]


def identifiers(value: str) -> tuple[str, ...]:
    """Message identifiers without their brackets, in order, the newest MAX_IDS of them."""
    found = _ID.findall(value)
    if not found:
        found = [token for token in value.replace("<", " ").replace(">", " ").split() if "@" in token and len(token) <= MAX_ID]
    return tuple(dict.fromkeys(found))[-MAX_IDS:]


def date(value: str) -> int | None:
    """Microseconds since 1970 UTC; None when the sender's date cannot be read."""
    for spelling in _spellings(_FOLD.sub(" ", value[:200]).strip()):
        try:
            moment = parsedate_to_datetime(spelling)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            micros = int(moment.timestamp()) * 1_000_000
        except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
            continue
        if 0 <= micros < 2**53:
            return micros
    return None


def _spellings(value: str) -> list[str]:
    match = _NUMBERS.search(value)
    if not match:
        return [value]
    month = _MONTHS.get(match[2].lower(), match[2])
    return [value, f"{match[1]} {month} {match[3]} {match[4]} {match[5]}"]


def _text(raw: bytes, hint: str) -> str:
    return charset.clean(raw.decode("ascii")) if raw.isascii() and b"\x1b" not in raw else charset.decode(raw, hint=hint)[0]
