"""What is promised of every mail, whatever its octets are: one function that hypothesis and atheris both call. Knows no mail."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mailgateway import quotes
from mailgateway.automatic import classify
from mailgateway.pages import mail_page
from mailgateway.parser import parse
from mailgateway.quoting import two_bodies
from mailgateway.reading import body
from mailgateway.reading.parsed import ParsedMail

STORABLE = 64 * 1024
"""Octets that the answer may have beyond what came: names, notes, and a text again as HTML."""
RUNS_OR_LOADS = re.compile(
    r"<(?:script|style|link|meta|base|form|input|button|iframe|frame|object|embed|svg|math|video|audio|source)\b"
    r"|<[a-z][^<>]*\s(?:on[a-z]+|srcset|background|action|poster)=|<img[^<>]*\ssrc=\"(?!data:image/)|<[a-z][^<>]*url\(",
    re.IGNORECASE,
)


def hold(raw: bytes) -> None:
    """Read it in all ways; raises AssertionError, or whatever the code raises, where the promise is broken."""
    for parsed in (parse(raw), parse(raw, lightly=True)):
        packed = msgspec.msgpack.encode(parsed)
        assert msgspec.msgpack.decode(packed, type=ParsedMail) == parsed
        assert len(packed) <= 20 * len(raw) + STORABLE, "The answer is out of proportion to the mail."
        for text in _texts(parsed):
            assert "\x00" not in text
            text.encode("utf-8")
        for name in (parsed.subject, *(box.name for box in (*parsed.to, *parsed.cc, *parsed.reply_to)), *_names(parsed)):
            assert not set(name) & set("\r\n"), "A line break in a value begins a header somewhere."
        assert all(0 < len(name) <= body.MAX_NAME and not set(name) & set("/\\") for name in _names(parsed))
        assert len(parsed.text) <= body.MAX_TEXT
        classify(parsed, envelope_sender=None)
        found = quotes.split(parsed.text)
        for split in (found, two_bodies.agreed(found, answer=parsed.told[0], signature=parsed.told[1])):
            assert "".join(piece.text for piece in split.pieces) == parsed.text
        page = mail_page.page(parsed, pictures=False).partition("<body>")[2]
        assert not RUNS_OR_LOADS.search(page), "The page of this mail could run or load something."


def _names(parsed: ParsedMail) -> Iterator[str]:
    return (file.name for file in parsed.attachments)


def _texts(parsed: ParsedMail) -> Iterator[str]:
    yield from (parsed.text, parsed.html, parsed.subject, parsed.message_id, *parsed.references, *parsed.in_reply_to, *parsed.notes)
    yield from (*parsed.signals.values(), *parsed.invitation, *parsed.delivered_to, *parsed.told)
    for box in (*parsed.to, *parsed.cc, *parsed.reply_to, *([parsed.sender] if parsed.sender else [])):
        yield from (box.name, box.address)
    for file in parsed.attachments:
        yield from (file.name, file.media_type, file.content_id)
