"""What the page says of the seals: holds, does not hold, or is being checked, and when this server checked. Knows no page.

A short conversation is checked anew at each look; a long one apart from the page, and what was found stands for a while, with its time.
"""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass

from django.core.cache import cache

from chat.ledger.check import check
from chat.ledger.read import Head

VERIFIED, BROKEN, CHECKING = "verified", "broken", "checking"
SHORT = 500
"""Entries that are checked while the page waits: some 25 ms."""
STANDS = 600
"""Seconds that the result about a long conversation stands, as long as nothing is added to it."""
_hands = threading.BoundedSemaphore(2)
"""Long checks at a time: each takes a processor for seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    state: str
    at: int = 0
    """Microseconds; 0 while it is being checked."""
    position: int = 0
    """The first entry that does not hold; 0 if the conversation as a whole does not."""
    problem: str = ""


def looked(head: Head) -> Checked:
    """What is known now: `checking` if that would take long, and nobody has looked lately."""
    if head.position <= SHORT:
        return _checked(head)
    found = cache.get(_name(head))
    return Checked(**found) if found else Checked(state=CHECKING)


def checked(head: Head) -> Checked:
    """Checks a conversation of any length, on this thread; `checking` if too many others are being checked."""
    found = looked(head)
    if found.state != CHECKING or not _hands.acquire(blocking=False):
        return found
    try:
        found = _checked(head)
    finally:
        _hands.release()
    cache.set(_name(head), asdict(found), STANDS)
    return found


def _checked(head: Head) -> Checked:
    broken = check(head.conversation)
    at = time.time_ns() // 1000
    if broken is None:
        return Checked(state=VERIFIED, at=at)
    return Checked(state=BROKEN, at=at, position=broken.position, problem=broken.problem)


def _name(head: Head) -> str:
    return f"checked:{head.conversation}:{head.position}:{head.seal.hex()}"
