"""Visitors of a site: a token made by the server, kept by one browser, bound to one site. Nothing is stored until a conversation opens.

Knows no socket and no page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from chat.people.keys import key_for, keys_for
from chat.people.models import Customer

PURPOSE = "visitor"
_SHAPE = re.compile(r"([0-9]{1,18})\.([A-Za-z0-9_-]{32})\.([0-9a-f]{40})\Z")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who holds a genuine token: the site it was made for, and the digest by which the customer is found."""

    site: int
    digest: str


def new_token(site: int) -> str:
    """A token for a browser that has none yet."""
    text = f"{site}.{secrets.token_urlsafe(24)}"
    return f"{text}.{_mac(key_for(PURPOSE), text)}"


def recognise(token: str) -> Visitor | None:
    """The visitor a token stands for, or None if we did not make it."""
    shape = _SHAPE.match(token)
    if shape is None:
        return None
    text = f"{shape[1]}.{shape[2]}"
    if not any(hmac.compare_digest(_mac(key, text), shape[3]) for key in keys_for(PURPOSE).values()):
        return None
    return Visitor(site=int(shape[1]), digest=hashlib.sha256(text.encode()).hexdigest())


def customer_of(visitor: Visitor) -> Customer | None:
    """The customer row of a visitor; there is one from the first conversation on."""
    return Customer.objects.filter(visitor=visitor.digest, site_id=visitor.site).first()


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:40]
