"""Signed Message-IDs and envelope senders: both name the conversation, the position and the addressee of one mail we sent. Pure.

A reply's References and a bounce's recipient find their thread by these even when the reply address was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailgateway import reply_address, tags
from mailgateway.tags import Altered, Key, Shape

ID_SHAPE = Shape(b"message-id", (8, 5, 4))
ENVELOPE_SHAPE = Shape(b"envelope-sender", (8, 5, 4))
MAX_BOUNCE_BASE = reply_address.MAX_LOCAL_PART - 1 - ENVELOPE_SHAPE.length

# Tells our identifiers from everybody else's, so that a broken one is noticed as ours.
_PREFIX = "tl."


@dataclass(frozen=True, slots=True)
class Sent:
    """Which mail of ours this is: the event at `position` of `conversation`, as sent to `addressee`."""

    conversation: int
    position: int
    addressee: int


def make(domain: str, *, conversation: int, position: int, addressee: int, key: Key) -> str:
    """The Message-ID, without angle brackets; the same arguments always give the same one, so a retry is the same mail."""
    return f"{_PREFIX}{tags.seal(ID_SHAPE, (conversation, position, addressee), key)}@{domain}"


def read(identifier: str, keys: Mapping[int, bytes]) -> Sent | Altered | None:
    """What a Message-ID (with or without brackets) says; None when it is not one of ours."""
    local = identifier.strip().strip("<>").rpartition("@")[0]
    if not local.isascii() or not local.lower().startswith(_PREFIX):
        return None
    found = tags.unseal(ID_SHAPE, local[len(_PREFIX) :], keys)
    return found if isinstance(found, Altered) else Sent(*found)


def make_envelope_sender(
    base: str, *, domain: str, conversation: int, position: int, addressee: int, key: Key, separator: str = "+"
) -> str:
    """The MAIL FROM of one outgoing mail (VERP): a bounce comes back to it and so names the mail that bounced."""
    reply_address.check_base(base, longest=MAX_BOUNCE_BASE)
    return f"{base}{separator}{tags.seal(ENVELOPE_SHAPE, (conversation, position, addressee), key)}@{domain}"


def read_envelope_recipient(address: str, keys: Mapping[int, bytes]) -> Sent | Altered | None:
    """What the recipient of a bounce says; None when it is no envelope sender of ours."""
    local = address.strip().strip("<>").rpartition("@")[0]
    tag = local.partition("+")[2] or _behind_another_sign(local)
    if not tag or not tags.looks_like(ENVELOPE_SHAPE, tag):
        return None
    found = tags.unseal(ENVELOPE_SHAPE, tag, keys)
    return found if isinstance(found, Altered) else Sent(*found)


def _behind_another_sign(local: str) -> str:
    tag, before = local[-ENVELOPE_SHAPE.length :], local[: -ENVELOPE_SHAPE.length]
    return tag if before[-1:] in reply_address.SEPARATORS and before[:-1] else ""
