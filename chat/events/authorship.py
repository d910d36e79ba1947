"""How it was proven who wrote a mail, as one short text that an event keeps: `signed=customer.example spf=pass dkim=pass dmarc=pass`.

Pure words: who checks a mail, and how, is the gateway's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

SENTENCES = {
    "signed": "Signed by {about}",
    "sent": "Sent by a server of {about}",
    "failed": "Failed the sender's own policy ({about}): it may be from somebody else",
    "passed_on": "Changed on the way; passed on by {about}, which found it in order",
    "other": "Signed by {about}, which is not the sender's own domain",
    "unchecked": "Could not be checked when it came",
    "unproven": "Could not be verified: it may be from somebody else",
}
"""By code: what agents read. `about` is a domain, for `failed` the policy."""
GOOD = frozenset({"signed", "sent"})


@dataclass(frozen=True, slots=True)
class Authorship:
    """`code` is one of SENTENCES, `results` pairs as (dkim, pass) in the words of RFC 8601."""

    code: str
    about: str = ""
    results: tuple[tuple[str, str], ...] = ()
    front: bool = False
    """Said by a server in front that the site trusts, not checked here."""

    def coded(self) -> str:
        parts = [f"{self.code}={self.about}" if self.about else self.code, *(f"{method}={result}" for method, result in self.results)]
        return " ".join([*parts, "front"] if self.front else parts)[:300]

    @classmethod
    def read(cls, coded: str) -> Self | None:
        """What an event keeps; None for one that keeps nothing of it, as those of before."""
        parts = coded.split()
        code, _, about = parts[0].partition("=") if parts else ("", "", "")
        if code not in SENTENCES:
            return None
        pairs = [part.partition("=") for part in parts[1:]]
        return cls(code, about, tuple((method, result) for method, equals, result in pairs if equals), "front" in parts[1:])

    def sentence(self) -> str:
        return SENTENCES[self.code].format(about=self.about)
