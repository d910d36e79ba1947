"""One-time codes by mail: who reads the code has the mailbox. Knows no page; how mail goes out is registered by the mail gateway."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from chat.people.keys import key_for

LASTS = 15 * 60
"""Seconds."""
TRIES = 5
PER_HOUR = 5
"""Codes for one purpose in an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMail:
    """What the gateway sends: nothing of the conversation but its case number."""

    site: int
    to: str
    code: str
    case_number: str


Carrier = Callable[[CodeMail], None]
_carriers: list[Carrier] = []


def register_carrier(carrier: Carrier) -> None:
    """The way codes go out. The carrier hands the mail on, or raises OSError. Called on a thread."""
    _carriers[:] = [carrier]


def can_send() -> bool:
    return bool(_carriers)


def send(purpose: str, *, site: int, to: str, case_number: str) -> dict[str, str | int] | None:
    """Mail a fresh code; gives what is to be kept in the server-side session. None if there were too many for this purpose."""
    counter = f"codes:{purpose}"
    cache.add(counter, 0, 3600)
    if cache.incr(counter) > PER_HOUR:
        return None
    code = f"{secrets.randbelow(10**6):06}"
    _carriers[0](CodeMail(site=site, to=to, code=code, case_number=case_number))
    return {"purpose": purpose, "digest": _digest(purpose, code), "until": int(time.time()) + LASTS, "tries": 0, "to": to}


def matches(kept: dict[str, str | int], purpose: str, code: str) -> bool:
    """Whether this is the code. Counts the try in `kept`; after five the code is dead."""
    kept["tries"] = int(kept["tries"]) + 1
    # Guesses that are sent at once all find the same count in the session; this one counts each.
    counter = f"code-tries:{kept['digest']}"
    cache.add(counter, 0, LASTS)
    tries = max(int(kept["tries"]), cache.incr(counter))
    if kept["purpose"] != purpose or tries > TRIES or int(kept["until"]) < time.time():
        return False
    given = "".join(ch for ch in code if ch in "0123456789")
    return hmac.compare_digest(_digest(purpose, given), str(kept["digest"]))


def given_back(session: MutableMapping[str, Any], name: str, purpose: str, code: str) -> bool:
    """Whether the code that a server-side session keeps under `name` came back. One that was right, or tried too often, is forgotten."""
    kept = session[name]
    good = matches(kept, purpose, code[:20])
    if good or int(kept["tries"]) >= TRIES:
        del session[name]
    else:
        session[name] = kept  # set anew, or the session does not notice that a try was counted
    return good


def masked(address: str) -> str:
    """n…@customer.example: enough to know which mailbox, not enough to learn the address."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"


def _digest(purpose: str, code: str) -> str:
    return hmac.new(key_for("code"), f"{purpose}\0{code}".encode(), hashlib.sha256).hexdigest()
