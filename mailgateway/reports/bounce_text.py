"""Reads a mail system's prose: where its own words end and our returned mail begins, who was not reached, which code, and every
Message-ID in it.

Pure, and linear in the text; knows nothing of what follows from it.
"""

from __future__ import annotations

import re

from mailgateway.reading import headers
from mailgateway.reading.parsed import ParsedMail
from mailgateway.reports import bounce_signs

MAX_SCANNED = 40_000
MAX_DIAGNOSTIC = 500
MAX_IDS = 20

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_SMTP_CODE = re.compile(r"(?<![\d.:/-])([45])\d\d(?=[ -])")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_NAMED = re.compile(r"^[ \t]{0,8}<([^<>\s@]{1,64}@[A-Za-z0-9.-]{1,253})>", re.MULTILINE)
_RCPT = re.compile(
    r"(?:rcpt to|recipients?|delivered to)\s{0,3}[:=]\s{0,3}<?([^<>\s@:;,()\[\]]{1,64}@[A-Za-z0-9.-]{1,253})>?", re.IGNORECASE
)
_TO = re.compile(r"^[>| \t]{0,4}to:\s{0,3}[^\n]{0,80}?<?([^<>\s@:;,()\[\]\"]{1,64}@[A-Za-z0-9.-]{1,253})>?", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"message-?id\s{0,3}[:=]?\s{0,20}<([^<>\s]{1,998})>", re.IGNORECASE)
_RETURNED = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers", "message/partial"}
)
_FOLLOWS = re.compile(r"follows?|is a copy|below", re.IGNORECASE)
_AFTER_DATA = re.compile(r"end of data|^>>> DATA\b|^DATA\b|DATA command|\(DATA\)", re.IGNORECASE | re.MULTILINE)
_PLAINLY_UNKNOWN = re.compile(r"user (?:is )?unknown|unknown user|no such user", re.IGNORECASE)
_HEADER_LINE = re.compile(r"^[ \t>]{0,4}(?:received|return-path|message-id|dkim-signature|mime-version):", re.IGNORECASE)


def failed(mail: ParsedMail) -> bool:
    """Whether the text itself, not what it quotes, speaks of a delivery that failed or waits."""
    own = "\n".join(line for line in mail.text[:MAX_SCANNED].splitlines() if not line.startswith((">", "|")))
    return bool(bounce_signs.FAILED_TEXT.search(own) or bounce_signs.DELAYED.search(own))


def quotes(mail: ParsedMail) -> bool:
    """Whether lines of another mail stand in it as people quote them."""
    return any(line.startswith(">") and not line.startswith(">>>") for line in mail.text[:MAX_SCANNED].splitlines())


def by_machine(mail: ParsedMail) -> bool:
    """Whether a code of a mail server stands in it, or our mail is returned with it."""
    text = mail.text[:MAX_SCANNED]
    return bool(_STATUS.search(text) or _SMTP_CODE.search(text)) or any(part.media_type in _RETURNED for part in mail.attachments)


def about_mail(mail: ParsedMail) -> bool:
    """Whether it speaks of mail at all: "could not be delivered" is said of parcels too."""
    return by_machine(mail) or bool(bounce_signs.ABOUT_MAIL.search(mail.text[:MAX_SCANNED]))


def opens_as_report(mail: ParsedMail) -> bool:
    """Whether its first lines are a mail system's about "your message", and an address or a code stands in it."""
    opening = " ".join(mail.text[:1500].split())[:800]
    return bool(bounce_signs.OPENING.search(opening)) and (by_machine(mail) or bool(_ADDRESS.search(mail.text[:MAX_SCANNED])))


def prose(mail: ParsedMail) -> str:
    """What the mail system wrote itself: everything above the returned mail."""
    text = mail.text[:MAX_SCANNED]
    cut = 0
    says = False
    looked_upto = 0
    for line in text.splitlines(keepends=True):
        if cut and _begins_original(line):
            return text[:cut]
        if cut and _HEADER_LINE.match(line):
            says = says or _says_something(text[looked_upto:cut])
            looked_upto = cut
            if says:
                return text[:cut]
        cut += len(line)
    return text


def _says_something(own: str) -> bool:
    return bool(_NAMED.search(own) or _STATUS.search(own) or _SMTP_CODE.search(own))


def _begins_original(line: str) -> bool:
    if not bounce_signs.ORIGINAL.search(line):
        return False
    bare = line.strip()
    return bare.startswith(("-", "|", "=", "*")) or bare.endswith((":", "-", "|")) or (bare.endswith(".") and bool(_FOLLOWS.search(bare)))


def recipient(mail: ParsedMail, own: str) -> str:
    """Who was not reached; "" if the report does not say."""
    stated = headers.addresses(mail.signals.get("x-failed-recipients", ""))
    if stated:
        return stated[0].address
    # Postfix, qmail and sendmail begin the line with the address; elsewhere stand addresses to ask for help.
    named = _NAMED.search(own)
    if named and not bounce_signs.DAEMON.match(named[1]):
        return named[1]
    ours = {box.address.lower() for box in mail.to}
    sender = mail.sender.address.lower() if mail.sender else ""
    # Exchange repeats our mail's To line before it names who was not reached; the named one stands further down.
    start = max(0, own.find("did not reach the following"))
    for pattern in (_RCPT, _ADDRESS):
        for found in pattern.finditer(own, start):
            address = found[found.lastindex or 0].rstrip(".").lstrip("'").rpartition("=")[2]
            if address.lower() not in ours and address.lower() != sender and not bounce_signs.DAEMON.match(address):
                return address
    # A report without a recipient still returns our mail; its To line says whom it was meant for.
    meant = headers.addresses(returned(mail).get("to", ""))
    if len(meant) == 1:
        return meant[0].address
    rest = mail.text[len(own) : MAX_SCANNED]
    below = _RCPT.search(rest) or _TO.search(rest)
    return below[1] if below else ""


def diagnostic(own: str, who: str) -> str:
    """Their words: the paragraph that names the recipient (Postfix: `<address>: host ... said: ...`), else the first with a code."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", own)]
    named = [part for part in paragraphs if who and who in part]
    for candidates in (named, paragraphs):
        for part in candidates:
            if _SMTP_CODE.search(part) or _STATUS.search(part):
                return part
    for part in named + paragraphs:
        if bounce_signs.FAILED_TEXT.search(part):
            return part
    return next(iter(named), "")


def filtered(own: str, words: str) -> bool:
    """Whether "user unknown" was said once the whole mail was there: the address had been accepted before, so that a filter speaks."""
    return bool(_AFTER_DATA.search(own) and _PLAINLY_UNKNOWN.search(words))


def status(stated: str, words: str) -> str:
    """The most exact code: their server's own, unless the report says more than "something failed" (x.0.0)."""
    first = _STATUS.search(stated)
    code = first[0] if first else ""
    if not code or code.endswith(".0.0"):
        second = _STATUS.search(words)
        if second and second[1] != "2":
            return second[0]
    return code


def permanent(code: str, words: str) -> bool:
    """Whether their server gave up for good, by status or SMTP code; what says neither was given up."""
    if code:
        return code.startswith("5")
    found = _SMTP_CODE.search(words)
    return found[1] == "5" if found else True


def identifiers(mail: ParsedMail) -> tuple[str, ...]:
    """Every Message-ID that may be our mail's, without brackets: the returned headers' first, then what the text quotes and refers to."""
    found: list[str] = []
    inner = returned(mail)
    for name in ("message-id", "x-original-message-id", "original-message-id"):
        found += headers.identifiers(inner.get(name, ""))
    for block in mail.report.fields if mail.report else ():
        for name in ("original-message-id", "x-original-message-id", "message-id"):
            found += headers.identifiers(block.get(name, ""))
    found += [one[1] for one in _MESSAGE_ID.finditer(mail.text[: MAX_SCANNED * 5])]
    found += mail.in_reply_to
    found += reversed(mail.references)
    for name in ("in-reply-to", "references"):
        found += headers.identifiers(inner.get(name, ""))
    return tuple(dict.fromkeys(found))[:MAX_IDS]


def returned(mail: ParsedMail) -> dict[str, str]:
    """The header of the mail that came back: lower-case names."""
    if mail.report is not None and mail.report.original:
        return mail.report.original
    for attachment in mail.attachments:
        if attachment.media_type in _RETURNED or attachment.media_type.startswith("text/"):
            known = headers.fields(attachment.content[:MAX_SCANNED].replace(b"\r\n", b"\n").lstrip(b"\n").split(b"\n\n", 1)[0])
            values = dict(reversed([(name, value) for name, value in known]))
            if "message-id" in values or "to" in values:
                return values
    return {}
