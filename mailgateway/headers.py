"""Lenient reading of header blocks: fields, encoded words, parameters, addresses, identifiers, dates; bounded and linear.
Knows no bodies.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime

from mailgateway import charset
from mailgateway.parsed import Mailbox

MAX_BLOCK = 256 * 1024
MAX_VALUE = 64 * 1024
MAX_PARAMETERS = 4096
MAX_ADDRESSES = 500
MAX_IDS = 100
MAX_ID = 998

_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\n]{0,4000})\?=")
_GAP = re.compile(r"(\?=)\s+(?==\?)")
_ID = re.compile(r"<([^<>\s]{1,998})>")
_SPACE = re.compile(r"\s+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

Fields = list[tuple[str, str]]


def fields(block: bytes) -> Fields:
    """(lower-case name, unfolded raw value) in order; a line that is no field is left out."""
    found: list[tuple[str, list[bytes]]] = []
    for line in block[:MAX_BLOCK].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
            continue
        match = _NAME.match(line)
        if match:
            found.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
    return [(name, charset.decode(b"".join(parts)[:MAX_VALUE].strip())[0]) for name, parts in found]


def first(known: Fields, name: str) -> str:
    return next((value for key, value in known if key == name), "")


def every(known: Fields, name: str) -> list[str]:
    return [value for key, value in known if key == name]


def words(value: str) -> str:
    """The value with RFC 2047 words decoded, on one line."""
    if "=?" not in value:
        return _one_line(value)
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
        raw = _base64(match[3]) if match[2] in "bB" else quopri.decodestring(match[3].encode("utf-8", "replace"), header=True)
        # Senders cut words in the middle of a character, so neighbours of one charset are decoded together.
        if pending and pending[-1][0] == label:
            pending[-1] = (label, pending[-1][1] + raw)
        else:
            pending.append((label, raw))
        at = match.end()
    out.append(_join(pending))
    out.append(joined[at:])
    return _one_line("".join(out))


def parameters(name: str, value: str) -> tuple[str, dict[str, str]]:
    """The lower-case main value and the parameters (RFC 2231 and RFC 2047 decoded) of Content-Type or Content-Disposition."""
    message = Message()
    message[name] = _one_line(value)[:MAX_PARAMETERS]
    found: dict[str, str] = {}
    try:
        pairs = message.get_params(header=name) or []
    except (ValueError, LookupError, IndexError, TypeError):
        pairs = [(value.split(";", 1)[0], "")]
    main = pairs[0][0].strip().lower() if pairs else ""
    for key, content in pairs[1:]:
        if isinstance(content, tuple):
            label, _, text = content
            content = charset.decode(text.encode("latin-1", "replace"), label or "")[0]
        found.setdefault(key.lower(), words(content.strip().strip('"')))
    return main, found


def addresses(value: str) -> tuple[Mailbox, ...]:
    """Every mailbox of an address list (groups are opened), at most MAX_ADDRESSES; an entry without an address is left out."""
    found: list[Mailbox] = []
    for entry in _entries(value[:MAX_VALUE]):
        box = _mailbox(entry)
        if box is not None:
            found.append(box)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)


def identifiers(value: str) -> tuple[str, ...]:
    """Message identifiers without their brackets, in order, the newest MAX_IDS of them."""
    found = _ID.findall(value)
    if not found:
        found = [token for token in value.replace("<", " ").replace(">", " ").split() if "@" in token and len(token) <= MAX_ID]
    return tuple(dict.fromkeys(found))[-MAX_IDS:]


def date(value: str) -> int | None:
    """Microseconds since 1970 UTC; None when the sender's date cannot be read."""
    try:
        moment = parsedate_to_datetime(value[:200])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        micros = int(moment.timestamp()) * 1_000_000
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return micros if 0 <= micros < 2**53 else None


def _entries(value: str) -> list[str]:
    """Split at commas and semicolons outside quotes, angle brackets and comments; one pass."""
    found: list[str] = []
    current: list[str] = []
    quoted = angle = False
    depth = 0
    escape = False
    for char in value:
        if escape:
            escape = False
        elif char == "\\":
            escape = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char == "(":
            depth += 1
        elif not quoted and char == ")" and depth:
            depth -= 1
        elif not quoted and not depth:
            if char == "<":
                angle = True
            elif char == ">":
                angle = False
            elif char in ",;" and not angle:
                found.append("".join(current))
                current = []
                continue
        current.append(char)
    found.append("".join(current))
    if (quoted or depth) and len(found) == 1:
        return value.split(",")
    return found


def _mailbox(entry: str) -> Mailbox | None:
    entry = entry.strip()
    opening = entry.rfind("<")
    if opening >= 0:
        closing = entry.find(">", opening)
        address = entry[opening + 1 : closing if closing > 0 else len(entry)]
        name = entry[:opening]
    else:
        tokens = [token for token in _SPACE.split(entry.replace("(", " (")) if "@" in token and not token.startswith("(")]
        address = tokens[-1] if tokens else ""
        inside = entry.find("(")
        name = entry[inside + 1 :].rstrip(") ") if inside >= 0 else ""
    address = _address(address)
    if not address:
        return None
    if ":" in name and '"' not in name:
        name = name.split(":", 1)[1]
    name = words(name).strip().strip("\"'").replace('\\"', '"')[:200].strip()
    return Mailbox(name=name, address=address)


def _address(value: str) -> str:
    value = _SPACE.sub("", value).strip("<>\"'[]").removeprefix("mailto:")
    if value[:1] == "@" and ":" in value:
        value = value.split(":", 1)[1]
    if ":" in value and "@" in value.split(":", 1)[1]:
        value = value.split(":", 1)[1]
    local, at, domain = value.rpartition("@")
    if not at or not local or not domain or len(value) > 320:
        return ""
    return f"{local}@{domain.lower().rstrip('.')}"


def _base64(text: str) -> bytes:
    return unbase64(text.encode("ascii", "ignore"))


def unbase64(raw: bytes) -> bytes:
    """Base64 with rubbish between, missing or early padding; what can be read is read."""
    raw = _NOT_BASE64.sub(b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return b""


def _join(pending: list[tuple[str, bytes]]) -> str:
    return "".join(charset.decode(raw, label)[0] for label, raw in pending)


def _one_line(value: str) -> str:
    return _SPACE.sub(" ", charset.clean(value)).strip()
