"""From a tree of parts to what a reader sees: one text, one HTML, and the attachments; nothing of a mail is dropped.

What counts as an attachment: every part that is not read as text, also images inside the HTML, signatures and returned mails.
Knows no headers of the mail.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailgateway import charset
from mailgateway.quoting import html_text, two_bodies
from mailgateway.reading import headers, invitation, secured, text_part
from mailgateway.reading.file_name import MAX_NAME, media_type_of, safe_name
from mailgateway.reading.mime import TOO_DEEP, Budget, Part
from mailgateway.reading.parsed import MailAttachment

__all__ = ["MAX_ATTACHMENTS", "MAX_NAME", "Body", "gather", "safe_name"]

MAX_TEXT = 4 * 1024 * 1024
MAX_ATTACHMENTS = 500
MAX_CONVERTED = 640 * 1024
"""Characters of HTML that are made text; pictures that are written into the markup do not count."""
MAX_STUB = 400
"""Characters of a plain part that only says that the mail is in HTML."""

_PICTURE = re.compile(r"data:[a-z0-9/+.-]{1,60};base64,[A-Za-z0-9+/=%\s]{100,}", re.IGNORECASE)
# Further renderings of what another part of an alternative says.
_RENDERINGS = {"text/x-amp-html", "text/watch-html"}


@dataclass(slots=True)
class _Block:
    """One stretch of readable body: a plain form, an HTML form, or both."""

    plain: str = ""
    html: str = ""
    both: bool = False
    """Whether the plain form came with the mail, and was not made of the HTML."""


@dataclass(slots=True)
class Body:
    """What was gathered from the tree."""

    text: str = ""
    html: str = ""
    attachments: list[MailAttachment] = field(default_factory=list)
    invitation: tuple[str, ...] = ()
    told: tuple[str, str] = ("", "")
    """The letters of answer and signature as the HTML beside the text has them (two_bodies.py)."""


def gather(root: Part, budget: Budget) -> Body:
    """Text, HTML and attachments of the whole mail, in reading order."""
    body = Body()
    gathering = _Gathering(body, budget, _promoted(root))
    blocks = _without_copies(gathering.blocks(root, within=""), budget)
    texts = [block.plain.strip("\n") for block in blocks if block.plain.strip()]
    body.text = "\n\n".join(texts) or "\n".join(body.invitation)
    if len(body.text) > MAX_TEXT:
        budget.note("text-cut")
        body.text = body.text[:MAX_TEXT]
    if any(block.html for block in blocks):
        body.html = _markup(blocks)[:MAX_TEXT]
    if blocks and blocks[0].both:
        body.told = two_bodies.told_by(blocks[0].html)
    for code in secured.notes(root, body.text):
        budget.note(code)
    return body


def _without_copies(blocks: list[_Block], budget: Budget) -> list[_Block]:
    """Every block with its plain form; a plain and an HTML part that say the same, side by side, are one block."""
    out: list[_Block] = []
    left = MAX_CONVERTED
    for block in blocks:
        plain = block.plain
        if block.html and (not plain.strip() or _is_stub(plain, block.html)) and left > 0:
            source = _PICTURE.sub("data:,", block.html)[:left]
            left -= len(source)
            plain = html_text.to_text(source) or plain
        elif block.html and not plain.strip():
            budget.note("text-cut")
        before = out[-1] if out else None
        if before and before.plain and block.html and not block.plain and not before.html and _same(before.plain, plain):
            out[-1] = _Block(before.plain, block.html, both=True)
        else:
            out.append(_Block(plain, block.html, both=bool(block.html) and plain is block.plain))
    return out


def _is_stub(plain: str, markup: str) -> bool:
    """Whether the plain form only says that there is another: short, about HTML, and the HTML is far longer."""
    return len(plain) < MAX_STUB and "html" in plain.lower() and len(markup) > 20 * len(plain) + 2000


def _same(one: str, other: str) -> bool:
    return len(one) < 100_000 and "".join(one.split()) == "".join(other.split())


def _leaves(part: Part) -> Iterator[Part]:
    if part.children:
        for child in part.children:
            yield from _leaves(child)
    else:
        yield part


def _promoted(root: Part) -> Part | None:
    """A named text part that is read as the body all the same, because the mail has no other and it was not sent as a file."""
    named = None
    for part in _leaves(root):
        if part.media_type in text_part.READABLE and part.disposition != "attachment":
            if not _file_name(part):
                return None
            named = named or part
    if named is None and root.media_type in text_part.READABLE and not _file_name(root):
        return root
    return named


@dataclass(slots=True)
class _Gathering:
    """One walk over a tree; collects attachments in `body` and gives the blocks."""

    body: Body
    budget: Budget
    promoted: Part | None

    def blocks(self, part: Part, *, within: str) -> list[_Block]:
        if part.children:
            found = [self.blocks(child, within=part.media_type) for child in part.children]
            return _one_of(found) if part.media_type == "multipart/alternative" else [block for each in found for block in each]
        if self._is_text(part, within):
            octets = text_part.content(part)
            files: list[tuple[str, bytes]] = []
            if part.media_type == "text/plain":
                octets, files = text_part.files_within(octets)
            written = text_part.text(octets, part, self.budget)
            for name, content in files:
                self.budget.note("uuencoded")
                self._add(name, media_type_of(name), content)
            if part is self.promoted and within:
                # Sent as a file, and all there is to read: it is both.
                self._attach(part, inline=part.disposition == "inline")
            return [_Block(html=written) if part.media_type == "text/html" else _Block(plain=written)]
        if within == "multipart/alternative" and part.media_type in _RENDERINGS and part.disposition != "attachment":
            return []
        self._attach(part, inline=part.disposition == "inline" or within == "multipart/related")
        return []

    def _is_text(self, part: Part, within: str) -> bool:
        if part.media_type not in text_part.READABLE:
            return False
        if part is self.promoted:
            return True
        return part.disposition != "attachment" and (not _file_name(part) or within == "multipart/alternative")

    def _attach(self, part: Part, *, inline: bool) -> None:
        content, name = part.content, _file_name(part)
        if not content and not name and part.disposition != "attachment":
            return
        if part.media_type == "text/calendar" and not self.body.invitation:
            written, _ = charset.decode(content[: invitation.MAX_OCTETS], part.type_params.get("charset", ""))
            self.body.invitation = invitation.lines(written)
        if not name and part.media_type in {"message/rfc822", "message/global"}:
            subject = headers.words(headers.first(_inner_fields(content), "subject"))[:80]
            name = f"{subject}.eml" if subject else ""
        ids = headers.identifiers(headers.first(part.fields, "content-id"))
        media_type = "application/octet-stream" if part.media_type == TOO_DEEP else part.media_type
        self._add(name, media_type, content, content_id=ids[0] if ids else "", inline=inline, fallback=part.media_type)

    def _add(self, name: str, media_type: str, content: bytes, *, content_id: str = "", inline: bool = False, fallback: str = "") -> None:
        if len(self.body.attachments) >= MAX_ATTACHMENTS:
            self.budget.note("too-many-attachments")
            return
        shown = safe_name(name, fallback or media_type, len(self.body.attachments) + 1)
        self.body.attachments.append(
            MailAttachment(name=shown, media_type=media_type, content=content, content_id=content_id, inline=inline)
        )


def _one_of(found: list[list[_Block]]) -> list[_Block]:
    """The alternatives of one content as one block: the first that is plain, and the last that is HTML, which is the richest."""
    plain, markup = "", ""
    for blocks in found:
        if any(block.html for block in blocks):
            markup = _markup(blocks)
        if not plain and blocks and all(block.plain.strip() for block in blocks):
            plain = "\n\n".join(block.plain for block in blocks)
    return [_Block(plain=plain, html=markup)] if plain or markup else []


def _markup(blocks: list[_Block]) -> str:
    return "".join(block.html or f"<pre>{html.escape(block.plain)}</pre>" for block in blocks if block.html or block.plain.strip())


def _inner_fields(content: bytes) -> headers.Fields:
    return headers.fields(content[:20_000].replace(b"\r\n", b"\n").lstrip(b"\n").split(b"\n\n", 1)[0])


def _file_name(part: Part) -> str:
    return part.disposition_params.get("filename") or part.type_params.get("name") or part.disposition_params.get("name") or ""
