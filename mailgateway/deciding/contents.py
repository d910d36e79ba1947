"""What of a mail becomes the body of an event: text without history, files, and the name of its author. Stores the files' blobs.

Knows nothing of conversations.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from django.conf import settings

from chat.events.talk import MessageSaid
from chat.ledger import blobs
from chat.ledger.event import AttachmentRef
from mailgateway import addresses, quotes
from mailgateway.quoting import two_bodies
from mailgateway.quoting.quote_signs import is_forward_subject
from mailgateway.reading.parsed import Mailbox, ParsedMail

MAX_TEXT = 200_000
"""Characters of one part of a message; what is longer is cut, and the whole mail is kept beside it."""
MAX_FILES = 500
MAX_OTHERS = 50
_NOTICES = {
    "pgp-encrypted": "[This mail is encrypted. It is kept as it came, for those who have the key.]",
    "smime-encrypted": "[This mail is encrypted. It is kept as it came, for those who have the key.]",
    "message-partial": "[This is one part of a mail that was sent in several. It is attached as it came.]",
    "read-lightly": "[This mail was too much to be read in whole. Its beginning is shown, and it is attached as it came.]",
}
"""By the parser's notes."""
_BLANK = re.compile(rb"\r?\n\r?\n")


def said(mail: ParsedMail, *, original: str, found_by: str, doubt: str) -> MessageSaid:
    """The event for a mail that a person wrote. `original` is the digest of its raw bytes."""
    # Where there is only HTML the parser made text of it, in its own process: no stranger's markup is mended in this one.
    split = parted(mail)
    answer, quoted = split.answer.strip("\n"), split.quoted.strip("\n")
    if not answer.strip() and not mail.attachments:
        # Somebody answered inside the quote, or the whole mail looks like one: nothing may be hidden then.
        answer, quoted = quoted, ""
    return MessageSaid(
        by=author(mail),
        text=_with_notices(_cut(answer.strip()), mail),
        attachments=kept_files(mail),
        quoted=_cut(quoted),
        signature=_cut(split.signature.strip("\n")),
        subject=mail.subject[:300],
        address=sender(mail).address[:254],
        to=_others(mail.to),
        cc=_others(mail.cc),
        outside_id=mail.message_id[:300],
        sent_at=min(max(mail.date or 0, 0), 2**53 - 1),
        found_by=found_by,
        doubt=doubt,
        original=original,
    )


def parted(mail: ParsedMail) -> quotes.Split:
    """The mail's text in pieces: answer, what was passed on, quoted history, signature."""
    found = quotes.split(without_links(mail.text), forwarded=is_forward_subject(mail.subject))
    answer, signature = mail.told
    return found if found.forwarded else two_bodies.agreed(found, answer=answer, signature=signature)


def unread(raw_size: int, *, original: str, address: str) -> MessageSaid:
    """The event for a mail that no program here could read, which somebody took in nevertheless: the mail itself is the file."""
    file = AttachmentRef(name="mail.eml", media_type="message/rfc822", size=raw_size, digest=original)
    return MessageSaid(
        by=address,
        text="This mail could not be read here. It is attached as it came.",
        attachments=(file,),
        address=address,
        original=original,
    )


def _others(boxes: Sequence[Mailbox]) -> tuple[str, ...]:
    """Addresses that are not ours, each once."""
    found = [box.address[:254] for box in boxes if box.address and not addresses.is_ours(box.address.rpartition("@")[2])]
    return tuple(dict.fromkeys(found))[:MAX_OTHERS]


def sender(mail: ParsedMail) -> Mailbox:
    return mail.sender or Mailbox("", "")


def author(mail: ParsedMail) -> str:
    """The name as shown: what the mail says, else the part of the address before the @."""
    box = sender(mail)
    return (box.name.strip() or box.address.partition("@")[0])[:120]


def kept_files(mail: ParsedMail) -> tuple[AttachmentRef, ...]:
    """The attachments, durable before any event names them."""
    return tuple(
        AttachmentRef(name=file.name, media_type=file.media_type[:120], size=len(file.content), digest=blobs.store(file.content))
        for file in mail.attachments[:MAX_FILES]
    )


def key_of(mail: ParsedMail | None, raw: bytes) -> str:
    """The same mail has the same key by whichever way it comes: made of Message-ID, author, date and body, not of its trace lines."""
    if mail is None or not mail.message_id:
        return hashlib.sha256(raw).hexdigest()
    parts = _BLANK.split(raw, maxsplit=1)
    body = hashlib.sha256(parts[1] if len(parts) > 1 else b"").hexdigest()
    named = "\0".join((mail.message_id, sender(mail).address.lower(), str(mail.date or 0), body))
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()


def without_links(text: str) -> str:
    """The text without the secrets of record links: they came with our mail and open the record for whoever reads them."""
    return re.sub(re.escape(settings.PUBLIC_URL) + r"/r/[^\s<>\")\]]*", "[link to the record]", text)


def _with_notices(text: str, mail: ParsedMail) -> str:
    """The text, and below it what of the mail is no text of its author: a calendar entry in lines, and why there is no more to read."""
    entry = "\n".join(mail.invitation)
    notices = [sentence for code, sentence in _NOTICES.items() if code in mail.notes]
    return "\n\n".join(part for part in (text, entry if entry not in text else "", *notices) if part)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n[Cut here. The whole mail is kept.]"
