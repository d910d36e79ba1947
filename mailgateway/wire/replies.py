"""The answers of the dialogue that are more than one verb's: in our own words, each with its enhanced code. Knows no connection."""

from __future__ import annotations

import re

AWAY = "451 4.3.0 We cannot store your mail at this moment. Nothing is lost: please send it again in a few minutes."
UNKNOWN = "550 5.1.1 There is no mailbox with this name here. Please check the address."
RELAY = "550 5.7.1 We take no mail for this domain."
CROWD = "452 4.5.3 Too many recipients at once. Please send to the others in a second mail."
TOO_LARGE = "552 5.3.4 This mail is larger than we can take. Please send large files in another way."
BARE = "550 5.6.0 Lines of a mail end in CR and LF together; this one has others."
FULL = "421 4.7.0 Too many connections at once. Please try again in a moment."
ENDLESS = "421 4.7.0 This line is longer than any mail needs. Goodbye."
SILENT = "421 4.4.2 We heard nothing for too long. Please call again."
SLOW = "421 4.4.2 This mail took too long. Please send it again."
ERRORS = "421 4.7.0 Too many errors. Goodbye."
IDLE = "421 4.7.0 Too many commands and no mail. Goodbye."
STOPPING = "421 4.3.2 This server stops. Please try again in a moment."

_CODED = re.compile(r"\d{3}[ -]\d\.\d{1,3}\.\d{1,3} ")
# RFC 3463, for the words of the library, which gives most of its answers without.
_CODES = {"221": "2.0.0", "250": "2.0.0", "252": "2.0.0", "451": "4.3.0", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "502": "5.5.1"}
_CODES |= {"503": "5.5.1", "550": "5.1.1", "552": "5.3.4", "553": "5.1.3", "554": "5.5.0", "555": "5.5.4"}


def enhanced(answer: str) -> str:
    """The answer with an enhanced code (RFC 2034) behind the basic one, if it has none and is to have one: 220, 354 and EHLO's are not."""
    if _CODED.match(answer):
        return answer
    code = _CODES.get(answer[:3])
    return f"{answer[:3]} {code} {answer[4:]}" if code else answer


def for_each(answer: str, recipients: list[str]) -> list[str]:
    """One answer for each recipient that was taken, in order (RFC 2033 section 4.2)."""
    code, enhanced_code, words = answer.split(" ", 2)
    return [f"{code} {enhanced_code} <{recipient}> {words}" for recipient in recipients]
