"""Reads delivery reports (RFC 3464) and the plain-text bounces of Postfix, Exchange and friends: who, which code, whose words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgateway import headers
from mailgateway.parsed import ParsedMail

MAX_SCANNED = 40_000
MAX_DIAGNOSTIC = 500

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_SMTP_CODE = re.compile(r"(?<![\d.:/-])([45])\d\d(?=[ -])")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_NAMED = re.compile(r"^[ \t]{0,8}<([^<>\s@]{1,64}@[A-Za-z0-9.-]{1,253})>", re.MULTILINE)
_MESSAGE_ID = re.compile(r"message-id:[ \t]{0,20}<([^<>\s]{1,998})>", re.IGNORECASE)
_DAEMON = re.compile(r"(mailer-daemon|postmaster|mail-daemon|mmdf|double-bounce)[@+]", re.IGNORECASE)
_DAEMON_NAME = re.compile(
    r"mail(?:er)? ?(?:delivery|daemon|administrator|system)|system administrator|mailsystem|postmaster", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"undeliver|deliver\w* (?:status|failure|has failed|problem|report)|returned mail|mail delivery|"
    r"failure notice|delivery failed|non[- ]delivery|"
    r"message (?:delivery|not delivered)|could not (?:be delivered|send)|mail system error|unzustellbar|nicht zugestellt|non remis|échec|"
    r"niet bezorgd|onbestelbaar|no se puede entregar|nicht möglich|mancato recapito|não entregue|"
    r"niedostarcz|не доставлено|недоставлен|配信不能|配信できません",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delayed|still being retried|warning: could not send|will be retried|has not (?:yet )?been delivered|verzögert", re.IGNORECASE
)
_ORIGINAL = re.compile(r"original message|message follows|copy of the message|headers? (?:follows?|of)|returned message", re.IGNORECASE)
_GAVE_UP = re.compile(
    r"did not reach|could not be delivered|couldn't be delivered|failed permanently|delivery failed|undeliverable|fatal errors",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says. `status` is an RFC 3463 code or ""; `permanent` when trying again is pointless.

    `delayed` when their server still tries; `original_id` is the Message-ID of our mail, without brackets.
    """

    recipient: str = ""
    status: str = ""
    permanent: bool = False
    diagnostic: str = ""
    original_id: str = ""
    delayed: bool = False
    evidence: str = ""


def daemon(mail: ParsedMail) -> bool:
    """Whether the sender is a mail system by name or address."""
    return mail.sender is not None and bool(_DAEMON.match(mail.sender.address) or _DAEMON_NAME.search(mail.sender.name))


def find(mail: ParsedMail, *, null_sender: bool) -> Bounce | None:
    """The bounce that this mail reports, or None when it reports none."""
    report = mail.report
    blocks = report.fields if report else ()
    if any("disposition" in block for block in blocks):
        return None
    if any("final-recipient" in block or "original-recipient" in block for block in blocks):
        return _from_report(mail, blocks)
    if report is not None and report.report_type == "delivery-status":
        return _from_text(mail, "multipart/report")
    if report is not None and report.report_type:
        return None
    if "x-failed-recipients" in mail.signals:
        return _from_text(mail, "X-Failed-Recipients")
    if "x-ms-exchange-message-is-ndr" in mail.signals:
        return _from_text(mail, "X-MS-Exchange-Message-Is-Ndr")
    told = bool(_SUBJECT.search(mail.subject) or _DELAY.search(mail.subject))
    if daemon(mail) and (told or null_sender or _GAVE_UP.search(mail.text[:MAX_SCANNED])):
        return _from_text(mail, "sent by a mail system")
    if null_sender and told:
        return _from_text(mail, "null sender and subject")
    return None


def _from_report(mail: ParsedMail, blocks: tuple[dict[str, str], ...]) -> Bounce:
    told = [block for block in blocks if "final-recipient" in block or "original-recipient" in block]
    chosen = next((block for block in told if block.get("action", "").lower().startswith("fail")), told[0])
    action = chosen.get("action", "").strip().lower()
    diagnostic = chosen.get("diagnostic-code", "").split(";", 1)[-1].strip()
    prose = _prose(mail)
    recipient = _typed(chosen.get("original-recipient", "")) or _typed(chosen.get("final-recipient", ""))
    status = _status(chosen.get("status", ""), diagnostic)
    if not recipient:
        recipient = _recipient(mail, prose)
    diagnostic = diagnostic or _diagnostic(prose, recipient) or chosen.get("status", "").strip()
    delayed = action == "delayed" or (not action and bool(_DELAY.search(mail.subject)))
    return Bounce(
        recipient=recipient,
        status=status,
        permanent=not delayed and _permanent(status, diagnostic),
        diagnostic=diagnostic[:MAX_DIAGNOSTIC],
        original_id=_original_id(mail),
        delayed=delayed,
        evidence="delivery report",
    )


def _from_text(mail: ParsedMail, evidence: str) -> Bounce:
    prose = _prose(mail)
    recipient = _recipient(mail, prose)
    diagnostic = _diagnostic(prose, recipient)
    status = _status("", diagnostic)
    delayed = bool(_DELAY.search(mail.subject)) and not _GAVE_UP.search(prose)
    return Bounce(
        recipient=recipient,
        status=status,
        permanent=not delayed and _permanent(status, diagnostic),
        diagnostic=diagnostic[:MAX_DIAGNOSTIC],
        original_id=_original_id(mail),
        delayed=delayed,
        evidence=evidence,
    )


def _status(stated: str, diagnostic: str) -> str:
    """The most exact code: their server's own, unless the report says more than "something failed" (x.0.0)."""
    first = _STATUS.search(stated)
    code = first[0] if first else ""
    if not code or code.endswith(".0.0"):
        second = _STATUS.search(diagnostic)
        if second and second[1] != "2":
            return second[0]
    return code


def _permanent(status: str, diagnostic: str) -> bool:
    if status:
        return status.startswith("5")
    code = _SMTP_CODE.search(diagnostic)
    return code[1] == "5" if code else True


def _typed(value: str) -> str:
    """The address of an RFC 3464 `rfc822; address` field."""
    found = headers.addresses(value.split(";", 1)[-1])
    return found[0].address if found else ""


def _prose(mail: ParsedMail) -> str:
    """What the mail system wrote itself: everything above the returned mail."""
    text = mail.text[:MAX_SCANNED]
    cut = 0
    for line in text.splitlines(keepends=True):
        if cut and _ORIGINAL.search(line) and (line.lstrip().startswith("-") or line.rstrip().endswith((".", ":"))):
            return text[:cut]
        cut += len(line)
    return text


def _recipient(mail: ParsedMail, prose: str) -> str:
    stated = headers.addresses(mail.signals.get("x-failed-recipients", ""))
    if stated:
        return stated[0].address
    # Postfix and sendmail begin the line with the address; elsewhere stand addresses to ask for help.
    named = _NAMED.search(prose)
    if named:
        return named[1]
    ours = {box.address.lower() for box in mail.to}
    sender = mail.sender.address.lower() if mail.sender else ""
    # Exchange repeats our mail's To line before it names who was not reached; the named one stands further down.
    start = prose.find("did not reach the following")
    for found in _ADDRESS.finditer(prose, max(0, start)):
        address = found[0].rstrip(".")
        if address.lower() not in ours and address.lower() != sender and not _DAEMON.match(address):
            return address
    # A report without a recipient still returns our mail; its To line says whom it was meant for.
    meant = headers.addresses(mail.report.original.get("to", "")) if mail.report else ()
    return meant[0].address if len(meant) == 1 else ""


def _diagnostic(prose: str, recipient: str) -> str:
    """Their words: the paragraph that names the recipient (Postfix: `<address>: host ... said: ...`), else the first with a code."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", prose)]
    named = [part for part in paragraphs if recipient and recipient in part]
    for candidates in (named, paragraphs):
        for part in candidates:
            if _SMTP_CODE.search(part) or _STATUS.search(part):
                return part
    return next(iter(named), "")


def _original_id(mail: ParsedMail) -> str:
    if mail.report is not None:
        found = headers.identifiers(mail.report.original.get("message-id", ""))
        if found:
            return found[0]
    for attachment in mail.attachments:
        if attachment.media_type in {"message/rfc822", "text/rfc822-headers"}:
            inner = headers.identifiers(headers.first(headers.fields(attachment.content[:MAX_SCANNED]), "message-id"))
            if inner:
                return inner[0]
    written = _MESSAGE_ID.search(mail.text)
    if written:
        return written[1]
    return mail.in_reply_to[0] if mail.in_reply_to else ""
