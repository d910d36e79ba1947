"""Content-Transfer-Encodings undone: base64, quoted-printable, uuencode; what is damaged is read as far as it goes.

Linear in time, and in memory about the result (RFC 2045 section 6). Knows no parts.
"""

from __future__ import annotations

import binascii
import quopri
import re

_CHUNK = 1 << 20
_NOT_BASE64 = bytes(value for value in range(256) if not (chr(value).isalnum() and value < 128) and value not in b"+/=")
_LINE = re.compile(rb"[^\r\n]+")
_UU_BEGIN = re.compile(rb"begin(?:-base64)? [0-7]{3,4} ([^\r\n]{0,300})")
MAX_UU_LINES = 1_500_000
MAX_PADDED = 1000
"""Pieces with padding of their own in one chunk; what has more is rubbish."""
# Trailing blanks come from transports and hide the soft line break from decoders.
_HIDDEN_SOFT = ((b"= \r\n", b"=\r\n"), (b"= \n", b"=\n"), (b"=\t\r\n", b"=\r\n"), (b"=\t\n", b"=\n"))


def decoded(body: bytes, encoding: str) -> bytes:
    """The octets that were meant; `body` itself for an identity or unknown encoding."""
    name = name_of(encoding)
    if name == "base64":
        return unbase64(body)
    if name == "quoted-printable":
        return unquoted(body)
    if name == "uuencode":
        found = unuu(body)
        return body if found is None else found
    return body


def name_of(encoding: str) -> str:
    """base64, quoted-printable, uuencode, or "" for all that changes nothing; in whatever spelling."""
    name = encoding.split(";", 1)[0].strip().strip("\"'").lower()
    if name in {"base64", "b", "base-64", "x-base64"}:
        return "base64"
    if name in {"quoted-printable", "quoted printable", "quotedprintable", "qp", "x-quoted-printable"}:
        return "quoted-printable"
    return "uuencode" if name in {"x-uuencode", "uuencode", "x-uue", "uue"} else ""


def unbase64(raw: bytes) -> bytes:
    """Base64 with rubbish between, padding in the middle, missing or early; what can be read is read."""
    out = bytearray()
    rest = b""
    for at in range(0, len(raw), _CHUNK):
        piece = rest + raw[at : at + _CHUNK].translate(None, _NOT_BASE64)
        if piece.count(b"=") > MAX_PADDED:
            piece = piece.replace(b"=", b"")
        # Several encoded pieces one behind the other: padding ends one, and the next begins anew.
        *ended, last = piece.split(b"=")
        for part in ended:
            _add(out, part)
        whole = len(last) // 4 * 4
        _add(out, last[:whole])
        rest = last[whole:]
    _add(out, rest)
    return bytes(out)


def _add(out: bytearray, part: bytes) -> None:
    if len(part) % 4 == 1:
        part = part[:-1]
    if part:
        out += binascii.a2b_base64(part + b"=" * (-len(part) % 4))


def unquoted(raw: bytes) -> bytes:
    """Quoted-printable; what is no code stays as it is written."""
    if b"= " in raw or b"=\t" in raw:
        for hidden, soft in _HIDDEN_SOFT:
            raw = raw.replace(hidden, soft)
    return quopri.decodestring(raw)


def unuu(body: bytes) -> bytes | None:
    """The file between `begin` and `end`; None if there is none."""
    begin = _UU_BEGIN.search(body)
    return uu_lines(body, begin.end())[0] if begin and (begin.start() == 0 or body[begin.start() - 1] in b"\r\n") else None


def uu_lines(body: bytes, at: int) -> tuple[bytes, int]:
    """The octets of the uuencoded lines from `at`, and where the line `end` ends (the end of `body` if there is none)."""
    out = bytearray()
    for count, match in enumerate(_LINE.finditer(body, at)):
        line = match[0]
        if line[:3] == b"end" and not line[3:].strip():
            return bytes(out), match.end()
        if count >= MAX_UU_LINES:
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # Some encoders leave rubbish at the line's end; the first octet says how much of it counts.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:wanted])
            except binascii.Error:
                continue
    return bytes(out), len(body)
