"""ISO-2022-JP as it is really sent: with the vendors' characters and half-width kana that Python's codecs refuse. Pure and linear.

Each stretch is turned into Shift JIS, whose Microsoft variant knows them all (RFC 1468; JIS X 0208, X 0201).
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJIH]|&@)")
_SHIFTS = re.compile(rb"[\x0e\x0f]")


def decode(raw: bytes) -> str | None:
    """The text, or None if it is no ISO-2022-JP (an octet above 127, or no readable character)."""
    if not raw.isascii():
        return None
    out: list[str] = []
    at, mode = 0, b"(B"
    for match in _ESCAPE.finditer(raw):
        out.append(_stretch(raw[at : match.start()], mode))
        mode, at = match[1], match.end()
    out.append(_stretch(raw[at:], mode))
    return "".join(out)


def _stretch(piece: bytes, mode: bytes) -> str:
    if not piece:
        return ""
    if mode == b"(I":
        return _kana(piece)
    if mode in (b"$@", b"$B"):
        return "".join(_double(line) if line.strip() else line.decode("ascii") for line in re.split(rb"([\r\n]+)", piece))
    if mode == b"$(D":
        return (b"\x1b$(D" + piece).decode("iso2022_jp_ext", "ignore")
    if b"\x0e" in piece:
        parts = _SHIFTS.split(piece)
        return "".join(_kana(part) if number % 2 else part.decode("ascii") for number, part in enumerate(parts))
    return piece.decode("ascii")


def _kana(piece: bytes) -> str:
    return bytes(value | 0x80 if 0x21 <= value <= 0x5F else value for value in piece).decode("cp932", "ignore")


def _double(piece: bytes) -> str:
    """Pairs of JIS X 0208 as Shift JIS; a text that forgot to shift back is read as what it is."""
    out = bytearray()
    at = 0
    while at < len(piece):
        first = piece[at]
        second = piece[at + 1] if at + 1 < len(piece) else 0
        if 0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E:
            row, cell = first - 0x21, second - 0x21
            out.append((0x81 if row < 62 else 0xC1) + row // 2)
            out.append(cell + (0x9F if row % 2 else (0x40 if cell < 63 else 0x41)))
            at += 2
        else:
            out.append(first)
            at += 1
    return out.decode("cp932", "ignore")
