"""From a tree of parts to what a reader sees: one text, one HTML, and the attachments; nothing of a mail is dropped.
Knows no headers of the mail.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from mailgateway import charset, headers, html_text
from mailgateway.mime import Budget, Part
from mailgateway.parsed import MailAttachment

MAX_TEXT = 4 * 1024 * 1024
MAX_ATTACHMENTS = 100
MAX_NAME = 120

_PATH = re.compile(r"[\\/]")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
_EXTENSIONS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "message/rfc822": "eml",
    "message/delivery-status": "txt",
    "audio/mpeg": "mp3",
}


@dataclass(slots=True)
class _Block:
    """One stretch of readable body: a plain form, an HTML form, or both."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class Body:
    """What was gathered from the tree."""

    text: str = ""
    html: str = ""
    attachments: list[MailAttachment] = field(default_factory=list)


def gather(root: Part, budget: Budget) -> Body:
    """Text, HTML and attachments of the whole mail, in reading order."""
    body = Body()
    blocks = _blocks(root, body, budget, within="")
    texts, markup = [], []
    for block in blocks:
        plain = block.plain
        if not plain.strip() and block.html:
            plain = html_text.to_text(block.html)
        if plain.strip():
            texts.append(plain.strip("\n"))
        if block.html:
            markup.append(block.html)
        elif plain.strip():
            markup.append(f"<pre>{html.escape(plain)}</pre>")
    body.text = "\n\n".join(texts)
    if len(body.text) > MAX_TEXT:
        budget.note("text-cut")
        body.text = body.text[:MAX_TEXT]
    if any(block.html for block in blocks):
        body.html = "".join(markup)[:MAX_TEXT]
    return body


def safe_name(name: str, media_type: str, number: int) -> str:
    """A file name fit to show and to store: no path, no control or direction character, bounded; made up when there is none."""
    name = _UNSAFE.sub("", _PATH.split(charset.clean(name))[-1]).strip(" .")
    if not name:
        return f"attachment-{number}.{_EXTENSIONS.get(media_type, 'bin')}"
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: MAX_NAME - 1 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else name[:MAX_NAME]
    return name


def _blocks(part: Part, body: Body, budget: Budget, *, within: str) -> list[_Block]:
    kind = part.media_type
    if part.children:
        found = [block for child in part.children for block in _blocks(child, body, budget, within=kind)]
        return _one_of(found) if kind == "multipart/alternative" else found
    if kind in {"text/plain", "text/html"} and part.disposition != "attachment" and not _file_name(part):
        label = part.type_params.get("charset", "")
        text, note = charset.decode(part.content, label)
        budget.note(note)
        if kind == "text/plain":
            if part.type_params.get("format", "").lower() == "flowed":
                text = _unflow(text, delete_space=part.type_params.get("delsp", "").lower() == "yes")
            return [_Block(plain=text)]
        return [_Block(html=text)]
    _attach(part, body, budget, inline=part.disposition == "inline" or within == "multipart/related")
    return []


def _one_of(found: list[_Block]) -> list[_Block]:
    """The alternatives of one content as one block."""
    plain = "\n\n".join(block.plain for block in found if block.plain.strip())
    markup = "".join(block.html for block in found if block.html)
    return [_Block(plain=plain, html=markup)] if plain or markup else []


def _attach(part: Part, body: Body, budget: Budget, *, inline: bool) -> None:
    if len(body.attachments) >= MAX_ATTACHMENTS:
        budget.note("too-many-attachments")
        return
    content = part.content
    name = _file_name(part)
    if not content and not name:
        return
    if not name and part.media_type == "message/rfc822":
        inner = headers.fields(content[: headers.MAX_BLOCK].split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0])
        name = headers.words(headers.first(inner, "subject"))[:80]
        name = f"{name}.eml" if name else ""
    ids = headers.identifiers(headers.first(part.fields, "content-id"))
    body.attachments.append(
        MailAttachment(
            name=safe_name(name, part.media_type, len(body.attachments) + 1),
            media_type=part.media_type,
            content=content,
            content_id=ids[0] if ids else "",
            inline=inline,
        )
    )


def _file_name(part: Part) -> str:
    return part.disposition_params.get("filename") or part.type_params.get("name") or ""


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676 section 4) within one quoting depth."""
    out: list[str] = []
    flowing, depth = False, 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        level = len(line) - len(content)
        content = content.removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        if flowing and level == depth and content != "-- ":
            out[-1] += content
        else:
            out.append(f"{'>' * level} {content}" if level else content)
        flowing, depth = soft, level
        if soft and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)
