"""The words of a raw mail, whatever they are wrapped in: headers, text and HTML parts, decoded. Knows no conversation.

Only for finding words again: what cannot be read counts as holding them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message

from chat.ledger import blobs
from chat.ledger.quotations import Words

LARGEST = 64 * 1024 * 1024
"""Octets of a mail that is looked through."""
_TAG = re.compile(r"<[^<>]*>")


def repeats(digest: str, words: Words) -> bool:
    """Whether the raw mail with this digest repeats any of these words. One that is not there repeats nothing."""
    try:
        with blobs.open_blob(digest) as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return False
    if len(raw) > LARGEST:
        return True
    try:
        return any(map(words.stand_in, texts(raw)))
    except Exception:  # a stranger's mail can break any parser
        return True


def texts(raw: bytes) -> Iterator[str]:
    """Every text of a mail, the parts of a mail inside it too."""
    for part in message_from_bytes(raw).walk():
        yield from (_header(str(value)) for value in part.values())
        if part.get_content_maintype() == "text":
            text = _decoded(part)
            yield html.unescape(_TAG.sub(" ", text)) if part.get_content_subtype() == "html" else text
        if part.preamble or part.epilogue:
            yield f"{part.preamble or ''}\n{part.epilogue or ''}"


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    try:
        return octets.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return octets.decode("utf-8", "replace") + "\n" + octets.decode("latin-1")


def _header(value: str) -> str:
    pieces = []
    for piece, charset in decode_header(value):
        pieces.append(piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace"))
    return "".join(pieces)
