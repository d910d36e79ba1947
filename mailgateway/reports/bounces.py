"""Recognises reports about undelivered mail, by RFC 3464 or in a mail system's own prose, and says who was not reached, why and in whose
words.

Pure; the words by which it knows them stand in `bounce_signs` and `bounce_phrases`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgateway.reading import headers
from mailgateway.reading.parsed import ParsedMail
from mailgateway.reports import bounce_phrases, bounce_reasons, bounce_signs, bounce_text, sns
from mailgateway.reports.bounce_text import MAX_DIAGNOSTIC

_GOOD = ("deliver", "relay", "expand")
_AWAY = re.compile(r"auto(?:matic|matisch)?[- ]?(?:re(?:ply|spon)|ant|svar)|out of|abwesen|absen", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says. `status` is an RFC 3463 code or ""; `permanent` when their server gave up for good (class 5).

    `delayed` when it still tries, `delivered` when it reports success. `hard` when the address itself is to blame: nobody is there.
    `reason` is a code of `bounce_phrases`. `original_id` is the Message-ID of our mail, without brackets; `ids` holds all in the report.
    """

    recipient: str = ""
    status: str = ""
    permanent: bool = False
    diagnostic: str = ""
    original_id: str = ""
    delayed: bool = False
    evidence: str = ""
    delivered: bool = False
    hard: bool = False
    reason: str = ""
    ids: tuple[str, ...] = ()


def daemon(mail: ParsedMail) -> bool:
    """Whether the sender is a mail system by name or address."""
    if mail.sender is None:
        return False
    return _daemon_address(mail) or bool(bounce_signs.DAEMON_NAME.search(mail.sender.name))


def by_daemon(mail: ParsedMail) -> bool:
    """Whether it was sent under an address that no person has."""
    return _daemon_address(mail) and not (mail.sender and bounce_signs.PERHAPS_A_PERSON.match(mail.sender.address))


def _daemon_address(mail: ParsedMail) -> bool:
    return mail.sender is not None and bool(bounce_signs.DAEMON.match(mail.sender.address))


def find(mail: ParsedMail, *, null_sender: bool) -> Bounce | None:
    """What this mail reports of a delivery, or None when it reports nothing of the kind."""
    report = mail.report
    blocks = report.fields if report else ()
    if any("feedback-type" in block for block in blocks):
        return None
    if any("disposition" in block for block in blocks):
        return _refused_by_rule(mail, blocks)
    told = [block for block in blocks if "final-recipient" in block or "original-recipient" in block]
    if told:
        return _from_report(mail, told)
    notice = sns.read(mail.text) if sns.looks_like(mail) else None
    if notice is not None:
        return _from_notice(notice) if notice.kind != sns.COMPLAINT else None
    evidence = _evidence(mail, null_sender)
    return _from_text(mail, evidence) if evidence else None


def _evidence(mail: ParsedMail, null_sender: bool) -> str:
    """By which sign a report without machine-readable fields is known; "" for what is none."""
    stated = mail.report.report_type if mail.report else ""
    if stated == "delivery-status" and (bounce_text.failed(mail) or null_sender or daemon(mail)):
        return "multipart/report"
    if stated and stated != "delivery-status":
        return ""
    if "x-failed-recipients" in mail.signals:
        return "X-Failed-Recipients"
    if "x-ms-exchange-message-is-ndr" in mail.signals:
        return "X-MS-Exchange-Message-Is-Ndr"
    subject = _fitting_subject(mail.subject)
    if _daemon_address(mail):
        if subject or (bounce_text.failed(mail) and not _perhaps_a_person(mail, null_sender)):
            return "sent by a mail system"
        return ""
    return _without_daemon(mail, null_sender, subject=subject)


def _without_daemon(mail: ParsedMail, null_sender: bool, *, subject: bool) -> str:
    nobody = null_sender or mail.sender is None
    if not (subject or nobody) or not bounce_text.failed(mail):
        return ""
    if subject and (nobody or daemon(mail)) and bounce_text.about_mail(mail):
        return "sent by a mail system" if daemon(mail) else "null sender and subject" if null_sender else "no sender and subject"
    # Gateways and virus scanners send under any name; they begin at once with what became of "your message".
    away = bool(_AWAY.search(mail.subject[:60])) or bool(mail.in_reply_to and not subject)
    if bounce_text.opens_as_report(mail) and not bounce_text.quotes(mail) and not away:
        return "written by a mail system"
    return ""


def _refused_by_rule(mail: ParsedMail, blocks: tuple[dict[str, str], ...]) -> Bounce | None:
    """Sieve's `reject` (RFC 5429 section 2.1) answers with a receipt that says "deleted" and gives the ground in its text."""
    said = next((block["disposition"].lower() for block in blocks if "disposition" in block), "")
    if "automatic-action" not in said or "deleted" not in said or not bounce_signs.REJECTED.search(f"{mail.subject} {mail.text[:1000]}"):
        return None
    return _from_report(mail, [{"action": "failed", **next(block for block in blocks if "disposition" in block)}])


def _fitting_subject(subject: str) -> bool:
    if _AWAY.search(subject[:60]):
        return False
    return bool(bounce_signs.FAILED_SUBJECT.search(subject) or bounce_signs.DELAYED.search(subject))


def _perhaps_a_person(mail: ParsedMail, null_sender: bool) -> bool:
    if null_sender or mail.sender is None or not bounce_signs.PERHAPS_A_PERSON.match(mail.sender.address):
        return False
    if not (bounce_text.by_machine(mail) or bounce_text.opens_as_report(mail)):
        # People send newsletters under that name too, and an account is blocked as well as a mail.
        return True
    answers = bool(mail.in_reply_to) or bool(bounce_signs.ANSWERED.match(mail.subject))
    return answers and (bounce_text.quotes(mail) or not bounce_text.by_machine(mail))


def _from_report(mail: ParsedMail, told: list[dict[str, str]]) -> Bounce:
    chosen = next((block for block in told if block.get("action", "").strip().lower().startswith("fail")), told[0])
    action = chosen.get("action", "").strip().lower()
    stated = chosen.get("diagnostic-code", "").split(";", 1)[-1].strip()
    prose = bounce_text.prose(mail)
    recipient = (
        _typed(chosen.get("original-recipient", "")) or _typed(chosen.get("final-recipient", "")) or bounce_text.recipient(mail, prose)
    )
    status = bounce_text.status(chosen.get("status", ""), stated)
    diagnostic = stated or bounce_text.diagnostic(prose, recipient) or chosen.get("status", "").strip()
    delayed = action.startswith("delay") or (not action.startswith("fail") and bool(bounce_signs.DELAYED.search(mail.subject)))
    delivered = action.startswith(_GOOD) or (not action and status.startswith("2"))
    words = diagnostic if status and len(diagnostic) > 20 else f"{diagnostic} {prose[:1000]}"
    return _judged(mail, recipient, status, diagnostic, words, "delivery report", delayed=delayed and not delivered, delivered=delivered)


def _from_text(mail: ParsedMail, evidence: str) -> Bounce:
    prose = bounce_text.prose(mail)
    recipient = bounce_text.recipient(mail, prose)
    diagnostic = bounce_text.diagnostic(prose, recipient)
    status = bounce_text.status("", diagnostic)
    words = f"{diagnostic} {prose[:1500]}"
    warns = bounce_signs.DELAYED.search(mail.subject) or bounce_signs.ONLY_A_WARNING.search(prose[:3000])
    delayed = bool(warns) and not bounce_signs.GAVE_UP.search(prose)
    return _judged(mail, recipient, status, diagnostic, words, evidence, delayed=delayed)


def _from_notice(notice: sns.Notice) -> Bounce:
    why = bounce_reasons.reason(notice.status, notice.diagnostic)
    return Bounce(
        recipient=notice.recipient,
        status=notice.status,
        permanent=notice.kind == sns.BOUNCE and notice.permanent,
        diagnostic=notice.diagnostic[:MAX_DIAGNOSTIC],
        original_id=notice.message_id,
        evidence="provider's notification",
        delivered=notice.kind == sns.DELIVERY,
        hard=notice.kind == sns.BOUNCE and why in bounce_reasons.HARD,
        reason=why,
        ids=(notice.message_id,) if notice.message_id else (),
    )


def _judged(
    mail: ParsedMail, recipient: str, status: str, diagnostic: str, words: str, evidence: str, *, delayed: bool, delivered: bool = False
) -> Bounce:
    ids = bounce_text.identifiers(mail)
    given_up = not (delayed or delivered)
    why = "" if delivered else bounce_reasons.reason(status, words) or bounce_reasons.reason("", mail.subject)
    if why == bounce_phrases.UNKNOWN and not status.startswith("5.1.") and bounce_text.filtered(bounce_text.prose(mail), diagnostic):
        # They had accepted the address and then looked at the mail: a filter that answers like this.
        why = bounce_phrases.REFUSED
    return Bounce(
        recipient=recipient,
        status=status,
        permanent=given_up and bounce_text.permanent(status, diagnostic),
        diagnostic=diagnostic[:MAX_DIAGNOSTIC],
        original_id=ids[0] if ids else "",
        delayed=delayed,
        evidence=evidence,
        delivered=delivered,
        hard=given_up and why in bounce_reasons.HARD,
        reason=why,
        ids=ids,
    )


def _typed(value: str) -> str:
    """The address of an RFC 3464 `rfc822; address` field."""
    found = headers.addresses(value.split(";", 1)[-1])
    return found[0].address if found else ""
