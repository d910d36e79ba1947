"""The gateway's keys, one set for each purpose, and the names under which it sends. Knows where they come from and not what they sign."""

from __future__ import annotations

from chat.people.keys import keys_for
from mailgateway.tags import Key

BOUNCE_BASE = "bounces"
"""Local part of the envelope sender, before the tag."""


def reply() -> dict[int, bytes]:
    return keys_for("reply-address")


def identifier() -> dict[int, bytes]:
    return keys_for("message-id")


def envelope() -> dict[int, bytes]:
    return keys_for("verp")


def marker() -> dict[int, bytes]:
    return keys_for("text-marker")


def not_me() -> dict[int, bytes]:
    return keys_for("not-me")


def current(keys: dict[int, bytes]) -> Key:
    """The key to sign with: the one with the highest id."""
    number = max(keys)
    return number, keys[number]
