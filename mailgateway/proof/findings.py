"""What was found about the author of a mail, and the words for it. Plain values: looking things up is the business of evidence.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from chat.events.authorship import Authorship
from mailgateway.proof import domains, policy
from mailgateway.proof.spam import Junk

HERE, FRONT = "here", "front"
PASS, NONE, TEMPERROR = "pass", "none", "temperror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Results as words of RFC 8601. `dmarc` is none where nothing was published, or could not be judged for want of the sender's path."""

    spf: str = NONE
    dkim: str = NONE
    dmarc: str = NONE
    arc: str = NONE
    aligned: bool = False
    """Proven to come from the domain in its one From line: by DMARC, or by a signature or path of that domain where it publishes none."""
    policy: str = ""
    """What the domain's owner asks for where DMARC fails: reject, quarantine or none; empty where nothing is published."""
    author: str = ""
    """The domain in the From line."""
    signer: str = ""
    """The domain of the signature that counts: an aligned one, else any good one."""
    path: str = ""
    """The domain for which the server may send, where SPF passed."""
    sealer: str = ""
    """Who passed it on last, where ARC passed."""
    source: str = HERE
    spam: Junk = field(default_factory=Junk)
    details: tuple[str, ...] = ()
    """One line for each thing that was looked at, for people who know these words."""

    @property
    def forged(self) -> bool:
        """It fails what its domain publishes, so badly that the site does not want to see it in a conversation by itself."""
        held = {"show": (), "reject": (policy.REJECT,), "quarantine": (policy.REJECT, policy.QUARANTINE)}[settings.DMARC]
        return self.dmarc == policy.FAIL and self.policy in held

    def disowned(self) -> str:
        """Why a forged one waits, in a sentence."""
        wish = "refuse" if self.policy == policy.REJECT else "be wary of"
        return f"{self.author} asks everybody to {wish} mail that cannot be shown to come from there, and this one cannot."

    @property
    def failed(self) -> bool:
        """Its domain publishes who may write in its name, and this was somebody else, whatever is to be done about it."""
        return self.dmarc == policy.FAIL

    @property
    def is_spam(self) -> bool:
        return self.spam.verdict == "spam"

    @property
    def authorship(self) -> Authorship:
        code, about = self._about()
        results = [("spf", self.spf), ("dkim", self.dkim), ("dmarc", self.dmarc)]
        if self.arc != NONE:
            results.append(("arc", self.arc))
        return Authorship(code, about, tuple(results), self.source == FRONT)

    def proof(self) -> str:
        """As an event keeps it."""
        return self.authorship.coded()

    def words(self) -> str:
        """One sentence for agents."""
        return self.authorship.sentence()

    def _about(self) -> tuple[str, str]:
        if self.aligned:
            own = bool(self.signer) and domains.aligned(self.signer, self.author)
            return ("signed", self.signer) if own else ("sent", self.path or self.author)
        if self.dmarc == policy.FAIL and self.policy in (policy.REJECT, policy.QUARANTINE):
            return "failed", self.policy
        if self.arc == PASS and self.sealer:
            return "passed_on", self.sealer
        if TEMPERROR in (self.dkim, self.dmarc, self.spf):
            return "unchecked", ""
        return ("other", self.signer) if self.signer else ("unproven", "")
