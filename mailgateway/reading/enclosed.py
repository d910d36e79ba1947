"""The heads of mails that came attached to a mail: whoever passes our mail on as a file keeps its marks. Reads heads only, no bodies."""

from __future__ import annotations

from dataclasses import dataclass

from mailgateway.reading import headers
from mailgateway.reading.parsed import MailAttachment, ParsedMail

MAILS = 3
"""Attached mails that are looked at."""
HEAD = 64 * 1024
TYPES = frozenset({"message/rfc822", "message/global"})


@dataclass(frozen=True, slots=True)
class Head:
    """What an attached mail says about itself: its identifiers, its own first, and the addresses for answers to it."""

    identifiers: tuple[str, ...]
    addresses: tuple[str, ...]


def mails(mail: ParsedMail) -> list[MailAttachment]:
    """The attached mails, of which a few at most."""
    return [file for file in mail.attachments if file.media_type in TYPES or file.name.lower().endswith(".eml")][:MAILS]


def heads(mail: ParsedMail) -> list[Head]:
    return [_head(file.content) for file in mails(mail)]


def _head(content: bytes) -> Head:
    block = content[:HEAD].replace(b"\r\n", b"\n").lstrip(b"\n").split(b"\n\n", 1)[0]
    known = headers.fields(block)
    names = ("message-id", "in-reply-to", "references")
    found = [one for name in names for one in reversed(headers.identifiers(headers.first(known, name)))]
    boxes = [box.address for name in ("reply-to", "to", "cc") for box in headers.addresses(headers.first(known, name))]
    return Head(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(boxes)))
