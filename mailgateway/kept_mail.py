"""A kept mail as its reader sees it, and an answer to it as a mail program would write one. Knows MIME; no page and no ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses, make_msgid, parsedate_to_datetime

from mailgateway.sending.letter import one_line

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """The parts a page shows."""

    sender: str
    to_name: str
    to: str
    reply_to: str
    subject: str
    message_id: str
    references: str
    text: str
    html: str
    date: datetime | None
    headers: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


def read(raw: bytes) -> KeptMail:
    """Only for mail that we composed ourselves."""
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    (to_name, to), *_ = getaddresses([str(message["To"])]) or [("", "")]
    (_, reply_to), *_ = getaddresses([str(message["Reply-To"] or message["From"])]) or [("", "")]
    return KeptMail(
        sender=str(message["From"]),
        to_name=to_name,
        to=to,
        reply_to=reply_to,
        subject=str(message["Subject"] or "").strip(),  # a folded one begins with the space of its second line
        message_id=str(message["Message-ID"]),
        references=str(message.get("References", "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        date=parsedate_to_datetime(str(message["Date"])) if message["Date"] else None,
        headers=tuple((name, str(value)) for name, value in message.items()),
        files=tuple(part.get_filename() or "file" for part in message.iter_attachments()),
    )


def for_frame(html: str) -> str:
    """The HTML part with links that open beside the page, not in the little frame."""
    return _HEAD.sub(lambda found: f'{found[0]}<base target="_blank">', html, count=1)


def answer(mail: KeptMail, text: str, *, now: datetime) -> EmailMessage:
    """What the customer's mail program would send: to the reply address, with the thread's identifiers and the mail quoted below."""
    message = new(name=mail.to_name, address=mail.to, to=mail.reply_to, subject=_re(mail.subject), now=now)
    message["In-Reply-To"] = mail.message_id
    message["References"] = f"{mail.references} {mail.message_id}".strip()
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.rstrip().splitlines())
    when = f"{mail.date:%a, %d %b %Y at %H:%M}" if mail.date else "that day"
    message.set_content(f"{text.rstrip()}\n\nOn {when}, {mail.sender} wrote:\n{quoted}\n")
    return message


def new(*, name: str, address: str, to: str, subject: str, now: datetime, text: str = "") -> EmailMessage:
    """A mail of a customer. Raises ValueError for an address that cannot be one."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(display_name=one_line(name)[:80], addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = one_line(subject)[:300]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2] or "localhost")
    if text:
        message.set_content(text)
    return message


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
