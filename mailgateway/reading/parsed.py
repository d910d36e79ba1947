"""The shape of a parsed mail as the parser hands it over: plain frozen values that travel between processes.
Knows no parsing and no ledger.
"""

from __future__ import annotations

import msgspec


class Mailbox(msgspec.Struct, frozen=True):
    """A name as shown, and an address; the domain is lower case, the local part as written."""

    name: str
    address: str


class MailAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a mail; `name` is safe to show and to store (no path, no control character, at most 120 characters)."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The machine-readable half of a multipart/report (RFC 6522): its type, status blocks (lower-case keys), and the returned headers."""

    report_type: str
    fields: tuple[dict[str, str], ...] = ()
    original: dict[str, str] = {}


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says. Identifiers stand without angle brackets; `date` is microseconds since 1970 UTC, or None.

    `delivered_to` holds the Delivered-To family in the order found; `signals` the raw values (lower-case names) of the headers
    that tell automatic mail from personal; `told` the letters of answer and signature as the HTML beside the text has them
    (two_bodies.py); `notes` one short code for each odd thing that was met; `invitation` what, when, where and who of a calendar
    entry, one line each.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: Mailbox | None = None
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    date: int | None = None
    text: str = ""
    html: str = ""
    told: tuple[str, str] = ("", "")
    attachments: tuple[MailAttachment, ...] = ()
    signals: dict[str, str] = {}
    report: Report | None = None
    notes: tuple[str, ...] = ()
    invitation: tuple[str, ...] = ()
