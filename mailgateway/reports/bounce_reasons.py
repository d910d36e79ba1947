"""Why a mail was not delivered, told from a status code and the other server's words, and whether that lies with the address. Pure.

*Hard* means that there is nobody at this address, so that another try is in vain. All else (mailbox full, refused as spam, server away, too
large) is *soft*: the address may be right. The phrases stand in `bounce_phrases`.
"""

from __future__ import annotations

import re

from mailgateway.reports import bounce_phrases
from mailgateway.reports.bounce_phrases import (
    CONTENT,
    DISABLED,
    EXPIRED,
    FULL,
    MOVED,
    NO_HOST,
    NO_MAIL,
    REFUSED,
    SENDER,
    SYSTEM,
    TOO_BIG,
    UNKNOWN,
)

HARD = frozenset({UNKNOWN, NO_HOST, MOVED, NO_MAIL})
MAX_LOOKED_AT = 2000
_CERTAIN = {"2.2": FULL, "2.3": TOO_BIG, "3.4": TOO_BIG, "7.25": REFUSED, "7.26": REFUSED}
# RFC 3463 section 3, RFC 7372, RFC 7505 and what Exchange adds.
_BY_STATUS = {
    "1.0": UNKNOWN,
    "1.1": UNKNOWN,
    "1.2": NO_HOST,
    "1.3": UNKNOWN,
    "1.4": UNKNOWN,
    "1.6": MOVED,
    "1.7": SENDER,
    "1.8": SENDER,
    "1.9": EXPIRED,
    "1.10": UNKNOWN,
    "2.1": DISABLED,
    "4.4": NO_HOST,
    "4.310": NO_HOST,
}
_BY_SUBJECT = {"2": REFUSED, "3": SYSTEM, "4": EXPIRED, "5": SYSTEM, "6": CONTENT, "7": REFUSED}
_TABLE = tuple((name, re.compile("|".join(phrases), re.IGNORECASE)) for name, phrases in bounce_phrases.REASONS)


def reason(status: str, words: str) -> str:
    """A code of `bounce_phrases` for an RFC 3463 status and the words beside it; "" when neither says why."""
    words = " ".join(words[:MAX_LOOKED_AT].split())
    stated = status.partition(".")[2]
    if stated in _CERTAIN:
        return _CERTAIN[stated]
    for name, pattern in _TABLE:
        if pattern.search(words):
            return name
    return _BY_STATUS.get(stated) or _BY_SUBJECT.get(stated[:1], "")
