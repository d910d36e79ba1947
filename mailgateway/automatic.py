"""Tells mail that machines sent from mail that people wrote: bounces, complaints, receipts, auto-replies, challenges, lists, loops. Pure;
knows no conversation and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgateway.reading.parsed import ParsedMail
from mailgateway.reports import away_signs, bounces, complaints
from mailgateway.reports.bounces import Bounce
from mailgateway.reports.complaints import Complaint

BOUNCE, DELAY, DELIVERED, COMPLAINT, RECEIPT = "bounce", "delay", "delivered", "complaint", "receipt"
REPORT, AUTO_REPLY, CHALLENGE, LIST, LOOP = "report", "auto_reply", "challenge", "list", "loop"
OF_DELIVERY = frozenset({BOUNCE, DELAY, DELIVERED, COMPLAINT})
"""Reports about one mail of ours."""
MACHINES = frozenset({AUTO_REPLY, CHALLENGE, RECEIPT, REPORT})
"""Mail that is noted where it belongs, and opens nothing."""
SHORT = 4000
_NO_BOUNCE = Bounce()
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-mail-autoreply",
    "x-auto-reply-from",
    "x-vacation",
    "x-autoreply-from",
    "x-fc-machinegenerated",
    "x-zarafa-vacation",
)


@dataclass(frozen=True, slots=True)
class Automatic:
    """What kind of automatic mail this is, and by which sign we know.

    kind: "" (a person wrote it) | bounce (delivery given up) | delay (still being tried) | delivered (their server confirms) |
    complaint (called spam) | receipt (shown to its reader) | report (another notice of a mail system) | auto_reply |
    challenge (a filter that asks the sender to prove himself) | list (mailing list, mass mail, or one that wants no automatic
    answer) | loop (our own mail coming back). `bounce` is filled for the first three, `complaint`
    for a complaint.
    """

    kind: str = ""
    evidence: str = ""
    bounce: Bounce = field(default=_NO_BOUNCE)
    complaint: Complaint | None = None

    def __bool__(self) -> bool:
        return self.kind != ""


def classify(mail: ParsedMail, *, envelope_sender: str | None = None, own: frozenset[str] = frozenset()) -> Automatic:
    """Judge one mail. `envelope_sender` is the MAIL FROM when known ("" = the null sender of RFC 5321 section 4.5.5).

    `own` holds the addresses (lower case) under which we send. Order matters: a bounce is also Auto-Submitted, and often "list".
    """
    null_sender = _null_sender(mail, envelope_sender)
    loop = _loop(mail, own)
    if loop:
        return Automatic(LOOP, loop)
    complaint = complaints.find(mail)
    if complaint is not None:
        return Automatic(COMPLAINT, complaint.evidence, complaint=complaint)
    found = bounces.find(mail, null_sender=null_sender)
    if found is not None:
        return Automatic(_of(found), found.evidence, found)
    away = _stated(mail) or _subject(mail)
    others = ((RECEIPT, _receipt(mail)), (CHALLENGE, _challenge(mail)), (AUTO_REPLY, away), (LIST, _list(mail)), (AUTO_REPLY, _told(mail)))
    for kind, evidence in others:
        if evidence:
            return Automatic(kind, evidence)
    if null_sender:
        return Automatic(AUTO_REPLY, "null sender")
    if bounces.by_daemon(mail) and not (mail.in_reply_to or mail.references):
        return Automatic(REPORT, "sent by a mail system")
    return Automatic()


def _of(found: Bounce) -> str:
    if found.delivered:
        return DELIVERED
    return DELAY if found.delayed else BOUNCE


def _null_sender(mail: ParsedMail, envelope_sender: str | None) -> bool:
    if envelope_sender is not None:
        return _is_null(envelope_sender)
    return any(name in mail.signals and _is_null(mail.signals[name]) for name in ("return-path", "x-envelope-from"))


def _is_null(sender: str) -> bool:
    # Some servers write MAILER-DAEMON where nothing stood.
    bare = sender.strip().strip("<>").strip().lower()
    return not bare or bare.partition("@")[0] == "mailer-daemon"


def _loop(mail: ParsedMail, own: frozenset[str]) -> str:
    if mail.signals.get("x-throughline-loop", "").strip().lower() in own:
        return "X-Throughline-Loop"
    named = mail.signals.get("x-loop", "").strip().lower()
    if named and named in own:
        return "X-Loop"
    if mail.sender is not None and mail.sender.address.lower() in own:
        return "From is our own address"
    return ""


def _receipt(mail: ParsedMail) -> str:
    """RFC 8098: told that our mail was shown, deleted or not."""
    if mail.report is None:
        return ""
    if mail.report.report_type == "disposition-notification" or any("disposition" in block for block in mail.report.fields):
        return "disposition-notification"
    return ""


def _stated(mail: ParsedMail) -> str:
    """A header that says so itself."""
    signals = mail.signals
    # RFC 3834 section 5: any value but "no" is automatic; parameters and comments may follow.
    submitted = re.split(r"[;\s(]", signals.get("auto-submitted", "").strip().lower(), maxsplit=1)[0]
    if submitted not in {"", "no"}:
        return f"Auto-Submitted: {submitted[:40]}"
    for name in _AUTO_HEADERS:
        if signals.get(name, "no").strip().lower() not in {"no", "false", "0"}:
            return name
    # Others than "Reply" say that a server passed a person's mail on.
    if signals.get("x-autogenerated", "").strip().lower() == "reply":
        return "x-autogenerated"
    if signals.get("precedence", "").strip().lower() in {"auto_reply", "auto-reply"}:
        return "Precedence: auto_reply"
    return "X-Mailer" if re.search(r"vacation|autorespond", signals.get("x-mailer", ""), re.IGNORECASE) else ""


def _subject(mail: ParsedMail) -> str:
    return "subject" if away_signs.SUBJECT.match(" ".join(mail.subject.split())) else ""


def _told(mail: ParsedMail) -> str:
    """A short answer that calls itself automatic in its first lines. A person who also writes that she is away is a person: see `_asks`."""
    if not (mail.in_reply_to or mail.references) or len(mail.text) > SHORT or mail.attachments:
        return ""
    opening = "\n".join(line for line in mail.text.splitlines()[:8] if not line.startswith(">"))[:600]
    return "its own words" if away_signs.TEXT.search(opening) and not _asks(mail.text) else ""


def _asks(text: str) -> bool:
    own = "\n".join(line for line in text.splitlines() if not line.startswith(">"))
    return "?" in own or "？" in own


def _challenge(mail: ParsedMail) -> str:
    if away_signs.CHALLENGE_SUBJECT.search(mail.subject) and away_signs.CHALLENGE_TEXT.search(mail.text[:SHORT]):
        return "asks the sender to prove himself" if mail.in_reply_to or mail.signals.keys() & {"auto-submitted", "precedence"} else ""
    return ""


def _list(mail: ParsedMail) -> str:
    precedence = mail.signals.get("precedence", "").strip().lower()
    if precedence in {"list", "bulk", "junk"}:
        return f"Precedence: {precedence}"
    # It asks for no automatic answer, and so do help desks whose people answer.
    suppress = {part.strip().lower() for part in mail.signals.get("x-auto-response-suppress", "").split(",")}
    if suppress & {"all", "autoreply"}:
        return "X-Auto-Response-Suppress"
    return next((name for name in ("list-id", "list-post", "list-unsubscribe", "feedback-id") if name in mail.signals), "")
