"""Keys in the addresses of files: a customer's browser fetches a file by a plain link, for a day, without a cookie. Knows no page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from chat.people.keys import key_for, keys_for

PURPOSE = "file"
LASTS = 24 * 3600
"""Seconds; a page that is open longer gets new keys when it reads the conversation again."""


def key_of(conversation: int, position: int, index: int, ref: str, *, until: int = 0) -> str:
    """A key that opens this file for this participant, as `<until>.<ref>.<mac>`."""
    # Rounded up to the hour, so that the same file keeps one address and the browser may keep its copy.
    until = until or (int(time.time()) + LASTS) // 3600 * 3600 + 3600
    return f"{until}.{ref}.{_mac(key_for(PURPOSE), conversation, position, index, ref, until)}"


def opened_by(key: str, conversation: int, position: int, index: int) -> str:
    """The ref of the participant whose key this is; empty if it is none, or over."""
    until, _, rest = key.partition(".")
    ref, _, mac = rest.rpartition(".")
    if not until.isdecimal() or len(until) > 12 or int(until) < time.time():
        return ""
    good = (_mac(k, conversation, position, index, ref, int(until)) for k in keys_for(PURPOSE).values())
    return ref if any(hmac.compare_digest(g.encode(), mac.encode("utf-8", "replace")) for g in good) else ""


def _mac(key: bytes, *parts: int | str) -> str:
    digest = hmac.new(key, "/".join(map(str, parts)).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:15]).decode()
