"""A pass to fetch one transcript: what `take` recorded may be downloaded with it, once or again, for some time. Knows no format."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import asdict, dataclass

import orjson

from chat.people.keys import key_for, keys_for

PURPOSE = "transcript pass"
LASTS = 600
"""Seconds."""
HOUR = 3600
"""How long a pass lasts that is good in one person's browser alone: a long download may break off and go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What may be fetched. `audience` is `everyone` or `agents`."""

    conversation: int
    format: str
    audience: str
    upto: int
    made_for: str = ""
    made_at: int = 0
    """When, in microseconds: the same pass gives the same file to the last octet."""
    ref: str = ""
    """Whose browser it is for; empty if whoever holds it may come."""
    zone: str = ""
    """The reader's zone (IANA name) and language (tag); empty for the site's zone and English."""
    language: str = ""


def address_of(granted: Pass, what: str = "") -> str:
    """The path under which the transcript can be fetched from now on; or its `signature`, or its `state` while it is prepared."""
    until = int(time.time()) + (HOUR if granted.ref else LASTS)
    body = orjson.dumps({**asdict(granted), "conversation": str(granted.conversation), "until": until})
    text = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
    return f"/transcripts/pass/{text}.{_mac(key_for(PURPOSE), text)}{f'/{what}' if what else ''}"


def redeem(text: str) -> Pass | None:
    """What this pass is for; None if it is forged or too old."""
    payload, _, mac = text.partition(".")
    if not any(hmac.compare_digest(_mac(key, payload).encode(), mac.encode("utf-8", "replace")) for key in keys_for(PURPOSE).values()):
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return None
    if values.pop("until") < time.time():
        return None
    return Pass(**{**values, "conversation": int(values["conversation"])})


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
