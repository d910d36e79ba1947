"""One text part of a mail as text: charset, soft line ends, text/enriched, and files that were written into the text. Linear.

Knows no tree and no attachments of the mail.
"""

from __future__ import annotations

import html
import re

from mailgateway import charset
from mailgateway.reading import transfer
from mailgateway.reading.mime import Budget, Part

MAX_OCTETS = 4 * 1024 * 1024
"""Of one part; what is longer stays in the raw mail alone."""
READABLE = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"})

_META = re.compile(
    rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:+-]{2,40})|<\?xml[^>]{1,200}?encoding=[\"']([A-Za-z0-9._-]{2,40})",
    re.IGNORECASE,
)
_META_WITHIN = 4096
_UU = re.compile(rb"^begin [0-7]{3,4}(?: ([^\r\n]{0,200}?))?[ \t]*\r?\n(?=[!-`])", re.MULTILINE)
_BREAK = re.compile(rb"(?:\r?\n)?")
_UU_END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
MAX_UU_FILES = 50
_PROSE = re.compile(rb"^(?![A-Za-z0-9+/=]*[ \t]*\r?$)[^\r\n]*[^A-Za-z0-9+/=\r\n \t][^\r\n]*\r?$", re.MULTILINE)
# The first line with words in it and blanks between them.
_WORDS = re.compile(rb"\s*(?:[^\s]{1,40}[ \t]+){4}[^\s]")
_AFTER_PADDING = re.compile(rb"(=)[ \t][^\r\n]*")
# The two halves of a character beyond the first 65,536, as programs write them that count in UTF-16.
_HALVES = re.compile(r"&#(x[Dd][89ABab][0-9A-Fa-f]{2}|5[56][0-9]{3});&#(x[Dd][C-Fc-f][0-9A-Fa-f]{2}|5[67][0-9]{3});", re.IGNORECASE)
_ENRICHED = re.compile(r"<(/?)([a-z-]{1,60})>|<<", re.IGNORECASE)


def content(part: Part) -> bytes:
    """The decoded octets of a text part, also where its encoding is not the one that is declared."""
    body, encoding = part.body, transfer.name_of(part.encoding)
    if encoding != "base64":
        return transfer.decoded(body, part.encoding)
    # Lists write their footer in plain words below (or all of it, and leave the label): no line of base64 has such signs.
    if _WORDS.match(body):
        return body
    body = _AFTER_PADDING.sub(rb"\1", body) if b"= " in body else body
    prose = _PROSE.search(body)
    if prose is None:
        return transfer.unbase64(body)
    above = body[: prose.start()]
    return (transfer.unbase64(above) + b"\n" if above.strip() else b"") + body[prose.start() :]


def files_within(octets: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text without the files that were uuencoded into it, and these: (name, content)."""
    if b"begin " not in octets:
        return octets, []
    kept: list[bytes] = []
    found: list[tuple[str, bytes]] = []
    done = 0
    ended = _UU_END.search(octets)
    while ended and len(found) < MAX_UU_FILES:
        begin = _UU.search(octets, done)
        if not begin:
            break
        ended = _UU_END.search(octets, begin.end())
        if not ended:
            break
        file, stop = transfer.uu_lines(octets, begin.end())
        if file:
            kept.append(octets[done : begin.start()])
            found.append((charset.decode(begin[1] or b"")[0], file))
        else:
            kept.append(octets[done:stop])
        after = _BREAK.match(octets, stop)
        done = after.end() if after and file else stop
    return (b"".join([*kept, octets[done:]]), found) if found else (octets, [])


def text(octets: bytes, part: Part, budget: Budget) -> str:
    """What a reader sees of a plain part; the source of an HTML part."""
    if len(octets) > MAX_OCTETS:
        budget.note("text-cut")
        octets = octets[:MAX_OCTETS]
    label, hint = part.type_params.get("charset", ""), ""
    if part.media_type == "text/html" and (not label or not octets.isascii()):
        hint = _within_html(octets)
        label = label or hint
    written, note = charset.decode(octets, label, hint=hint)
    budget.note(note)
    if part.media_type == "text/html" and "&#" in written:
        return _HALVES.sub(_whole, written)
    if part.media_type in {"text/enriched", "text/richtext"}:
        return _enriched(written)
    if part.media_type == "text/plain" and part.type_params.get("format", "").lower() == "flowed":
        return _unflow(written, delete_space=part.type_params.get("delsp", "").lower() == "yes")
    return written


def _within_html(octets: bytes) -> str:
    found = _META.search(octets[:_META_WITHIN])
    return (found[1] or found[2]).decode("ascii") if found else ""


def _whole(halves: re.Match[str]) -> str:
    high, low = (int(half[1:], 16) if half[0] in "xX" else int(half) for half in halves.groups())
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    return halves[0]


def _unflow(written: str, *, delete_space: bool) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676 section 4) within one quoting depth."""
    out: list[list[str]] = []
    flowing, depth = False, 0
    for line in written.split("\n"):
        content = line.lstrip(">")
        level = len(line) - len(content)
        content = content.removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        joins = flowing and level == depth and content != "-- "
        if not joins:
            out.append([f"{'>' * level} "] if level else [])
        out[-1].append(content[:-1] if soft and delete_space else content)
        flowing, depth = soft, level
    return "\n".join("".join(pieces) for pieces in out)


def _enriched(written: str) -> str:
    """Text of text/enriched (RFC 1896): commands are left out, single line ends are blanks."""
    out: list[str] = []
    at, hidden = 0, False
    for match in _ENRICHED.finditer(written):
        if not hidden:
            out.append(written[at : match.start()])
        at = match.end()
        if match[0] == "<<":
            out.append("<")
        elif match[2].lower() == "param":
            hidden = not match[1]
        elif match[2].lower() in {"nl", "br"}:
            out.append("\n\n")
    if not hidden:
        out.append(written[at:])
    joined = re.sub(r"\n+", lambda breaks: "\n" * (len(breaks[0]) - 1) or " ", "".join(out))
    return html.unescape(joined) if "&" in joined and ";" in joined else joined
