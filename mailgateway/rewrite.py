"""Changes words inside of a raw mail, whatever they are wrapped in, and leaves every other octet as it came. Linear. Knows no words.

Only parts that hold something to change are decoded and written anew, in the encoding they had (RFC 2045, section 6).
"""

from __future__ import annotations

import base64
import binascii
import quopri
from collections.abc import Callable, Iterator

from mailgateway.reading import headers, mime
from mailgateway.reading.mime import Budget, Part

MAX_PARTS = 2000
MAX_WITHIN = 8
"""Mails inside of one another that are looked into; what lies deeper is one text."""
_WIDE = {"utf-16": 2, "utf-16le": 2, "utf-16be": 2, "utf-32": 4, "utf-32le": 4, "utf-32be": 4}
"""Charsets in which a letter of ASCII is not one octet, and how many it is."""
_OCTETS = "latin-1"
"""Every octet is a character and back: for all other charsets, whose ASCII letters stand as they are."""

Change = Callable[[str], str]
"""A text with its words changed, or the same one. What is not ASCII in it may be octets taken for letters."""


def rewritten(raw: bytes, change: Change) -> bytes:
    """The mail with `change` done to each of its texts, those of mails inside of it too; `raw` itself if there was nothing to do."""
    pieces: list[bytes] = []
    done = 0
    budget = Budget(parts=MAX_PARTS)
    for part in _texts(mime.tree(raw, budget), budget):
        changed = _changed(part, change)
        if changed is not None:
            pieces += [raw[done : part.start], changed]
            done = part.start + len(part.body)
    made = b"".join([*pieces, raw[done:]]) if pieces else raw
    if "too-many-parts" not in budget.notes:
        return made
    # Not all of it was cut: as it stands it is one text.
    text = made.decode(_OCTETS)
    after = change(text)
    return made if after == text else after.encode(_OCTETS)


def _texts(part: Part, budget: Budget, within: int = 0) -> Iterator[Part]:
    """Parts with text in them, in the order of the mail. A file of another kind is nobody's words."""
    if part.children:
        for child in part.children:
            yield from _texts(child, budget, within)
    elif part.media_type == "message/rfc822" and within < MAX_WITHIN and _encoding(part) not in ("base64", "quoted-printable"):
        # A mail inside of the mail is never encoded as a whole (RFC 2046, section 5.2.1); its parts are.
        yield from _texts(mime.tree(part.body, budget, at=part.start), budget, within + 1)
    elif part.media_type.startswith(("text/", "message/")):
        yield part


def _changed(part: Part, change: Change) -> bytes | None:
    """The body anew, in its own encoding; None if it stays."""
    charset = part.type_params.get("charset", "").strip().lower().replace("_", "-")
    codec, width = (charset, _WIDE[charset]) if charset in _WIDE else (_OCTETS, 1)
    encoding = _encoding(part)
    before = _decoded(part.body, encoding)
    whole = len(before) - len(before) % width
    try:
        text = before[:whole].decode(codec)
    except UnicodeDecodeError:
        codec, whole, text = _OCTETS, len(before), before.decode(_OCTETS)
    after = change(text)
    return None if after == text else _encoded(after.encode(codec) + before[whole:], encoding, part.body)


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return headers.unbase64(body)
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def _encoded(content: bytes, encoding: str, before: bytes) -> bytes:
    line = b"\r\n" if b"\r\n" in before[:100_000] else b"\n"
    if encoding == "base64":
        text = base64.encodebytes(content)
    elif encoding == "quoted-printable":
        # What ends a line in a text is not encoded: it stays the line's end.
        text = b"\n".join(_quoted(each) for each in content.replace(b"\r\n", b"\n").split(b"\n"))
    else:
        return content
    return text.replace(b"\n", line).rstrip(b"\r\n") + before[len(before.rstrip(b"\r\n")) :]


def _quoted(row: bytes) -> bytes:
    return binascii.b2a_qp(row, quotetabs=False, istext=True)


def _encoding(part: Part) -> str:
    stated = headers.first(part.fields, "content-transfer-encoding")
    return stated.split(";", 1)[0].strip().strip("\"'").lower()
