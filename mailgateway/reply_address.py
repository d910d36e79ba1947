"""Signed reply addresses `<base>+<tag>@<domain>`: they name the conversation and the addressee, and nobody but us can make one. Pure.

Where a mail server does not know "+", another sign stands there, or the tag alone at a domain that takes every local part. The tag is
base32 in one case, because mail systems fold the case of local parts (RFC 5321 section 2.4 notwithstanding).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailgateway import tags
from mailgateway.tags import Altered, Key, Shape

MAX_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1
SHAPE = Shape(b"reply-address", (8, 4))
MAX_BASE = MAX_LOCAL_PART - 1 - SHAPE.length

SEPARATORS = frozenset("+-=")
"""Signs between base and tag; which one we write is a setting, and all are read: mails with the one before go on being answered."""

_BASE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


@dataclass(frozen=True, slots=True)
class Tag:
    """What a reply address says: the conversation, and the participant to whom we gave it."""

    conversation: int
    addressee: int


class BaseAddressError(ValueError):
    """This base cannot carry a tag; the text says why and what to do."""


def check_base(base: str, *, longest: int = MAX_BASE) -> str:
    """`base` again when it can carry a tag; BaseAddressError with the cure otherwise."""
    if not base or not _BASE_CHARACTERS.issuperset(base) or base[0] == "." or base[-1] == "." or ".." in base:
        raise BaseAddressError(f"“{base[:80]}” cannot be the local part of the reply address: use a-z, 0-9, “-”, “_” and single dots only.")
    if len(base) > longest:
        raise BaseAddressError(
            f"“{base[:80]}” has {len(base)} characters; with the signed tag the local part would be longer than {MAX_LOCAL_PART}. "
            f"Choose one of at most {longest} characters."
        )
    return base


def make(base: str, *, domain: str, conversation: int, addressee: int, key: Key, separator: str = "+") -> str:
    """The reply address for one addressee of one conversation; the tag alone without a base."""
    tag = tags.seal(SHAPE, (conversation, addressee), key)
    return f"{check_base(base)}{separator}{tag}@{domain}" if base else f"{tag}@{domain}"


def read(address: str, keys: Mapping[int, bytes], *, base: str = "") -> Tag | Altered | None:
    """What the address says; None when it carries no tag at all.

    Altered when something like a tag is there which we did not make in this form, one character more, less or other included. With
    `base` given, a tag is noticed too when the "+" itself was lost or replaced. Neither base nor domain need be ours: mail travels
    through aliases, and the signature alone decides.
    """
    local = address.strip().strip("<>").rpartition("@")[0].strip('"')
    for at, char in enumerate(local):
        if char == "+":
            tag = local[at + 1 :]
            if len(tag) == SHAPE.length:
                found = tags.unseal(SHAPE, tag, keys)
                if not isinstance(found, Altered):
                    return Tag(*found)
    bare = _bare(local)
    if bare:
        found = tags.unseal(SHAPE, bare, keys)
        if not isinstance(found, Altered):
            return Tag(*found)
    rest = local.partition("+")[2]
    if rest and (tags.looks_like(SHAPE, rest) or tags.looks_like(SHAPE, local.rpartition("+")[2])):
        found = tags.unseal(SHAPE, rest, keys)
        return found if isinstance(found, Altered) else Altered("position")
    if base and local[: len(base)].lower() == base.lower() and _lost_plus(local[len(base) :]):
        return Altered("plus")
    return None


def base_of(local: str) -> str:
    """What stands before the sign and the tag; all of it where there is no tag."""
    if "+" in local:
        return local.partition("+")[0]
    bare = _bare(local)
    return local[: -len(bare) - 1] if bare else local


def _bare(local: str) -> str:
    """The tag behind another sign than "+", or standing alone; empty if there is none."""
    tag, before = local[-SHAPE.length :], local[: -SHAPE.length]
    if len(tag) < SHAPE.length or "+" in local:
        return ""
    well = not before or (before[-1] in SEPARATORS and before[-2:-1] not in ("", *SEPARATORS))
    return tag if well else ""


def _lost_plus(rest: str) -> bool:
    """A whole tag directly behind the base, with the plus gone or with another character in its place."""
    whole = tags.ALPHABET.issuperset(rest[-SHAPE.length :].lower())
    return whole and SHAPE.length <= len(rest) <= SHAPE.length + 1
