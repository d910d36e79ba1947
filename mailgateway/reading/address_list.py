"""Address lists as they are sent: names, groups, comments a thousand deep, routes, quotes that never end. One pass, bounded.

Reads decoded or raw header values; knows no field (RFC 5322 section 3.4, obsolete forms of section 4.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgateway.reading.encoded_words import words
from mailgateway.reading.parsed import Mailbox

MAX_VALUE = 64 * 1024
MAX_ADDRESSES = 500
MAX_NAME = 200
MAX_ADDRESS = 320

_NEEDS_QUOTES = re.compile(r"[\s,;:<>()\[\]\\@\"]")
_IN_WORD = re.compile(r"=\?[^?\s]{1,60}\?[qQ]\?[^?\s]*\?=")
_SPECIAL = re.compile(r"[,;:<>()\"\\]")
_BEGUN = re.compile(r"[A-Za-z0-9_.-]{1,64}\+[A-Za-z2-7]{3,64}")
_USUAL = re.compile(r"\s{0,20}([\w .'-]{0,200})<([\w.+-]{1,200})@([A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,6})>\s{0,20}\Z", re.ASCII)
_IN_COMMENT = re.compile(r"\s{0,20}<([^\s<>()\[\]\",;:@]{1,200}@[^\s<>()\[\]\",;:@]{1,253})>\s{0,20}")
_PLAIN = re.compile(r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+")


@dataclass(slots=True)
class _Entry:
    """One mailbox in the making: what stood before and in the angle brackets, and in comments at the outermost level."""

    shown: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    """What follows the brackets: nobody's name, unless other brackets follow and only the comma was forgotten."""
    angle: bool = False
    closed: bool = False
    quoted: bool = False


def addresses(value: str) -> tuple[Mailbox, ...]:
    """Every mailbox of an address list (groups are opened), at most MAX_ADDRESSES; an entry without an address is left out."""
    found: list[Mailbox] = []
    value = value[:MAX_VALUE]
    usual = _plainly(value)
    if usual is not None:
        return (usual,)
    if "=?" in value:
        # A comma inside of an encoded word parts nothing, though it may not stand there (RFC 2047 section 5).
        value = _IN_WORD.sub(lambda word: _SPECIAL.sub(lambda char: f"={ord(char[0]):02X}", word[0]), value)
    for entry in _with_their_names(_entries(value)):
        box = _mailbox(entry)
        if box is not None:
            found.append(box)
            if len(found) >= MAX_ADDRESSES:
                break
    return tuple(found)


def _with_their_names(entries: list[_Entry]) -> list[_Entry]:
    """Without a name in quotes that a comma parts from its own brackets; it may look like an address."""
    kept: list[_Entry] = []
    for entry in entries:
        above = kept[-1] if kept else None
        if above and above.quoted and not above.closed and entry.closed and not "".join(entry.shown).strip():
            entry.shown = kept.pop().shown
        kept.append(entry)
    return kept


def _plainly(value: str) -> Mailbox | None:
    """The one mailbox of a value that is written as nearly all are; None for all others."""
    match = _USUAL.match(value)
    return Mailbox(name=_name(match[1]), address=f"{match[2]}@{match[3].lower()}") if match else None


def _entries(value: str) -> list[_Entry]:
    found, open_at_end = _scan(value)
    if open_at_end and len(found) == 1:
        # A quote or comment that never ends must not swallow all the others.
        return [entry for part in re.split("[,;]", value.replace('"', "").replace("(", " ")) for entry in _scan(part)[0]]
    return found


def _scan(value: str) -> tuple[list[_Entry], bool]:
    entry = _Entry()
    found = [entry]
    quoted = False
    depth = 0
    at = 0
    while at < len(value):
        char = value[at]
        at += 1
        if char == "\\" and (quoted or depth) and at < len(value):
            char = value[at]
            at += 1
        elif char == '"' and not depth:
            quoted = not quoted
            if not entry.angle:
                entry.quoted = True
                continue
        elif quoted:
            pass
        elif char == "(":
            depth += 1
            if depth == 1:
                continue
        elif char == ")" and depth:
            depth -= 1
            if not depth:
                entry.comment.append(" ")
                continue
        elif depth:
            pass
        elif char == "<":
            if entry.closed:
                entry = _Entry(shown=entry.behind)
                found.append(entry)
            entry.angle = True
            entry.inside.clear()
            continue
        elif char == ">":
            entry.closed = entry.closed or entry.angle
            entry.angle = False
            continue
        elif char in ",;" and not entry.angle:
            entry = _Entry()
            found.append(entry)
            continue
        elif char == ":" and not entry.angle and "@" not in entry.shown:
            # The name of a group (or of a route, or "mailto") is nobody's name.
            (entry.behind if entry.closed else entry.shown).clear()
            continue
        (entry.comment if depth else entry.inside if entry.angle else entry.behind if entry.closed else entry.shown).append(char)
    return found, quoted or depth > 0


def _mailbox(entry: _Entry) -> Mailbox | None:
    shown = "".join(entry.shown)
    address = _address("".join(entry.inside))
    if not address:
        # No brackets, or nothing in them: the first word with an @ in it, be it inside of an encoded word.
        decoded = words(shown)
        plain = _PLAIN.findall(decoded)
        if plain and (whole := _last(decoded[: decoded.find(plain[0]) + len(plain[0])].split())) != plain[0]:
            return Mailbox(name="", address=_address(whole))
        address = _address(plain[0] if plain else decoded)
        shown = decoded.replace(plain[0], " ", 1) if plain else ""
    if not address and (within := _IN_COMMENT.fullmatch("".join(entry.comment))):
        # "Nadia Lang (<nadia@example.com>)" is not what the standard means by a comment.
        return Mailbox(name=_name("".join(entry.shown)), address=_address(within[1]))
    if not address:
        return None
    return Mailbox(name=_name(shown) or _name("".join(entry.comment)), address=address)


def _last(parts: list[str]) -> str:
    """The last word with an @ in it; with the one before if that is a base and the beginning of a tag: a line was folded there."""
    at = next((at for at in range(len(parts) - 1, -1, -1) if "@" in parts[at]), -1)
    if at < 0:
        return ""
    return parts[at - 1] + parts[at] if at and _BEGUN.fullmatch(parts[at - 1]) else parts[at]


def _name(value: str) -> str:
    return words(value).strip("\"'<> ")[:MAX_NAME].strip()


def _address(value: str) -> str:
    """A local part and a lower-case domain; "" if it has not got both. Routes (RFC 5322 section 4.4) and schemes are left out."""
    value = " ".join((words(value) if "=?" in value else value).strip("<>'").split())
    for mark in "@.":
        value = value.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    if " " in value and value[:1] != '"':
        # A name that slipped into the brackets.
        value = _last(value.split())
    if "@[" not in value:
        value = value.strip("[]")
    before, colon, after = value.partition(":")
    if colon and "@" in after and not before.startswith('"'):
        value = after.rpartition(":")[2] if before.startswith("@") else after
    local, _, domain = value.rpartition("@")
    if local[:1] == '"' and not _NEEDS_QUOTES.search(local[1:-1]):
        local = local.strip('"')
    domain = domain.lower().strip('."')
    return f"{local}@{domain}" if local.strip('"') and domain and len(value) <= MAX_ADDRESS else ""
