"""Recognises that somebody called a mail of ours spam: feedback reports (RFC 5965) and the plain forms of some providers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgateway.reading import headers
from mailgateway.reading.parsed import ParsedMail
from mailgateway.reports import bounce_text, sns

NOT_SPAM = frozenset({"not-spam", "dismissed"})
_SENDER = re.compile(r"(?:fbl|feedback|feedbackloop|abuse|complaints?|staff|scomp|postmaster|jmrp)[\w.+-]{0,40}@", re.IGNORECASE)
_SUBJECT = re.compile(
    r"complaint about message|(?:e-?mail|abuse|spam|feedback loop) (?:feedback|complaint|report)|(?:feedback|abuse|spam) report"
    r"|\bjmrp\b|abuse (?:complaint|notification)|(?:reported|marked) as (?:spam|junk)",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"(?:e-?mail )?(?:abuse|feedback|spam|complaint) (?:report|feedback|complaint)|reported (?:\S{1,60} ){0,8}(?:as (?:spam|junk"
    r"|abuse)|spam)|complaint (?:about|from|regarding)|marked (?:\S{1,60} ){0,6}as (?:spam|junk)|junk mail reporting|feedback loop",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """Who complained (often left out by the provider), in what class ("abuse", "fraud", "not-spam" ...), about which mail."""

    recipient: str = ""
    feedback: str = "abuse"
    evidence: str = ""
    ids: tuple[str, ...] = ()

    @property
    def serious(self) -> bool:
        """Whether it asks us to stop. "not-spam" says the contrary."""
        return self.feedback not in NOT_SPAM


def find(mail: ParsedMail) -> Complaint | None:
    """The complaint in this mail, or None."""
    report = mail.report
    for block in report.fields if report else ():
        if "feedback-type" in block:
            return _told(mail, block["feedback-type"].strip().lower()[:40] or "abuse", block)
    if report is not None and report.report_type == "feedback-report":
        return _told(mail, "abuse", {})
    if sns.looks_like(mail):
        notice = sns.read(mail.text)
        if notice is not None and notice.kind == sns.COMPLAINT:
            ids = (notice.message_id,) if notice.message_id else ()
            return Complaint(notice.recipient, "abuse", "provider's notification", ids)
    returned = bounce_text.returned(mail)
    if "x-hmxmroriginalrecipient" in mail.signals or "x-hmxmroriginalrecipient" in returned:
        # Hotmail's Junk Mail Reporting Program: the original as an attachment, the recipient in a header of its own.
        box = headers.addresses(mail.signals.get("x-hmxmroriginalrecipient", "") or returned["x-hmxmroriginalrecipient"])
        return Complaint(box[0].address if box else "", "abuse", "X-HmXmrOriginalRecipient", bounce_text.identifiers(mail))
    if returned and mail.sender is not None and _SENDER.match(mail.sender.address) and _speaks_of_it(mail):
        return _told(mail, "abuse", {}, "written by a feedback loop")
    return None


def _speaks_of_it(mail: ParsedMail) -> bool:
    return bool(_SUBJECT.search(mail.subject) or _TEXT.search(mail.text[:3000]))


def _told(mail: ParsedMail, feedback: str, block: dict[str, str], evidence: str = "feedback-report") -> Complaint:
    for name in ("original-rcpt-to", "removal-recipient", "redacted-address"):
        box = headers.addresses(block.get(name, ""))
        if box and "@" in box[0].address and box[0].address.rpartition("@")[2]:
            return Complaint(box[0].address, feedback, evidence, bounce_text.identifiers(mail))
    meant = headers.addresses(bounce_text.returned(mail).get("to", ""))
    return Complaint(meant[0].address if len(meant) == 1 else "", feedback, evidence, bounce_text.identifiers(mail))
