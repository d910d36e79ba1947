"""Mails as they are kept: as they came and as they were sent, without the secrets of links to the record. Knows octets.

Whoever reads such a link opens the record, so it stands in no copy of ours: neither in the mail we sent nor where an answer quotes it.
"""

from __future__ import annotations

import re

from mailgateway import rewrite

TOLD = b"X-Throughline-Kept: without the secrets of links to the record"
"""The header line that says what was done to a mail."""
GONE = "taken-out"
_SLASH, _HASH = r"(?:/|%(?:25)?2F)", r"(?:#|%(?:25)?23|&#0*35;|&#x0*23;|&num;|\*)"
_BROKEN = r"(?:=?\r?\n[> \t]{0,20})?"
"""Quoting programs break long lines, and begin the next with their mark."""
_SECRET = re.compile(
    # As it is written, and as gateways write links anew that they guard.
    rf"({_SLASH}r{_SLASH}{_BROKEN}{_HASH}{_BROKEN})[A-Za-z0-9_-](?:{_BROKEN}[A-Za-z0-9_-]){{31}}",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """The text with each link secret (chat/people/links.py: 32 letters of base64url) replaced."""
    return _SECRET.sub(rf"\g<1>{GONE}", text)


def clean(raw: bytes) -> bytes:
    """The mail without link secrets, and with a line in its head that says so; `raw` itself if it holds none."""
    cleaned = rewrite.rewritten(raw, without_secrets)
    # Heads, and what stands between the parts.
    plain = without_secrets(cleaned.decode("latin-1")).encode("latin-1")
    if plain == raw:
        return raw
    return TOLD + (b"\r\n" if b"\r\n" in raw[:4096] else b"\n") + plain
