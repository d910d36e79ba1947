"""Signed tags that fit into addresses and identifiers: integers, a key id and an 80-bit HMAC as base32 without padding. Knows no purpose.

Each purpose has keys of its own (their derivation is the caller's) and a label on top, so that no tag is ever valid for another purpose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

MAC_BYTES = 10
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")

Key = tuple[int, bytes]
"""Key id (0 to 255) and secret."""


@dataclass(frozen=True, slots=True)
class Altered:
    """Something that looks like one of our tags, but is not as we made it; `reason` is a short code for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The label of a purpose and the widths, in bytes, of the integers that its tags carry."""

    label: bytes
    widths: tuple[int, ...]

    @property
    def length(self) -> int:
        """Characters of a tag of this shape."""
        return -(-(1 + sum(self.widths) + MAC_BYTES) * 8 // 5)


def seal(shape: Shape, values: tuple[int, ...], key: Key) -> str:
    """The tag for `values`; ValueError when a value does not fit its width."""
    number, secret = key
    if not 0 <= number <= 255:
        raise ValueError(f"A key id is a number from 0 to 255, not {number}.")
    payload = bytes([number]) + b"".join(_packed(value, width) for value, width in zip(values, shape.widths, strict=True))
    return base64.b32encode(payload + _mac(shape, payload, secret)).decode("ascii").rstrip("=").lower()


def unseal(shape: Shape, tag: str, keys: Mapping[int, bytes]) -> tuple[int, ...] | Altered:
    """The values, or Altered when the tag is not one that any of `keys` made. Upper and lower case are the same."""
    # Letters such as the Kelvin sign would turn into ASCII when folded, so what is not ASCII is out before.
    if not tag.isascii():
        return Altered("not-ascii")
    tag = tag.lower()
    if len(tag) != shape.length:
        return Altered("length")
    if not ALPHABET.issuperset(tag):
        return Altered("alphabet")
    raw = base64.b32decode(tag.upper() + "=" * (-len(tag) % 8))
    payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    # The last character has spare bits; only their one canonical form is ours.
    if base64.b32encode(raw).decode("ascii").rstrip("=").lower() != tag:
        return Altered("spare-bits")
    secret = keys.get(payload[0])
    if secret is None:
        return Altered("unknown-key")
    if not hmac.compare_digest(mac, _mac(shape, payload, secret)):
        return Altered("signature")
    values, at = [], 1
    for width in shape.widths:
        values.append(int.from_bytes(payload[at : at + width], "big"))
        at += width
    return tuple(values)


def looks_like(shape: Shape, text: str) -> bool:
    """Whether `text` is a tag of this shape with at most one character changed, removed or inserted.

    Bare length decides, with one exception: a word in which more than one character is outside the alphabet is nobody's tag.
    """
    if abs(len(text) - shape.length) > 1:
        return False
    return sum(1 for char in text.lower() if char not in ALPHABET) <= 1


def _packed(value: int, width: int) -> bytes:
    if not 0 <= value < 1 << (8 * width):
        raise ValueError(f"{value} does not fit into {width} bytes.")
    return value.to_bytes(width, "big")


def _mac(shape: Shape, payload: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"throughline/" + shape.label + b"/1\x00" + payload, hashlib.sha256).digest()[:MAC_BYTES]
