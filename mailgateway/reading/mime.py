"""The tree of a mail's parts, cut from bytes in bounded, linear steps; broken structure gives notes, never errors.

This is the first look at a stranger's mail: nothing is decoded before depth, parts, headers and boundary lines were counted.
Knows no meaning of parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgateway.reading import headers, transfer

MAX_DEPTH = 120
MAX_PARTS = 1000
MAX_HEADER_OCTETS = 1024 * 1024
MAX_MARKS = 50_000
"""Places that look like a boundary, in the whole mail; each is looked at once for every level it lies in."""
TOO_DEEP = "message/x-too-deep"
"""What stands in for the type of parts that are not cut any further."""

_BLANKS = (b"\n\n", b"\n\r\n", b"\r\r")
_ABOVE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_STRAY = re.compile(rb"^(?!From |>From |[ \t]|[!-9;-~]{1,200}[ \t]*:)[^\r\n]", re.MULTILINE)
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|in-reply-to|references|x-[\w-]+)[ \t]*:",
    re.MULTILINE | re.IGNORECASE,
)
# A boundary nobody declared, or declared otherwise: a line that begins with two dashes, and headers of a part below it.
_UNDECLARED = re.compile(
    rb"(?:^|\n)--([^\s-][^\r\n]{0,199}?|-{1,20}[^\r\n]{1,180}?)[ \t]*\r?\n(?=content-(?:type|transfer|disp))", re.IGNORECASE
)
_SCANNED = 200_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its header fields, type and parameters, and where its body stands (still transfer-encoded; use `content`)."""

    fields: headers.Fields
    media_type: str
    type_params: dict[str, str]
    disposition: str
    disposition_params: dict[str, str]
    source: bytes
    begin: int
    end: int
    children: list[Part]
    start: int = 0
    """Where the body begins, in octets of the whole mail."""

    @property
    def body(self) -> bytes:
        """A copy, made when asked for: a tree shares the octets of its mail."""
        return self.source[self.begin : self.end]

    @property
    def encoding(self) -> str:
        return headers.first(self.fields, "content-transfer-encoding")

    @property
    def content(self) -> bytes:
        return transfer.decoded(self.body, self.encoding)


@dataclass(slots=True)
class Budget:
    """What is left to spend on one mail, and what was odd about it.

    `opens` lets a multipart be decoded that is wrongly encoded as a whole; its parts' `start` then means nothing.
    """

    parts: int = MAX_PARTS
    header_octets: int = MAX_HEADER_OCTETS
    marks: int = MAX_MARKS
    opens: bool = False
    hint: str = ""
    """A charset for header values that name none."""
    notes: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        if code and code not in self.notes:
            self.notes.append(code)


def tree(raw: bytes, budget: Budget, *, depth: int = 0, default_type: str = "text/plain", at: int = 0) -> Part:
    """Cut `raw` (headers, blank line, body) into its parts. `at` is where it begins in the whole mail."""
    if b"\n" not in raw and b"\r" in raw:
        # From a system whose lines end in CR; the octets keep their places.
        raw = raw.replace(b"\r", b"\n")
    return _part(raw, 0, len(raw), budget, depth, default_type, at)


def _part(raw: bytes, begin: int, end: int, budget: Budget, depth: int, default_type: str, shift: int) -> Part:
    budget.parts -= 1
    head_begin, head_end, body = _halves(raw, begin, end, whole=depth == 0)
    block = raw[head_begin : min(head_end, head_begin + headers.MAX_BLOCK, head_begin + max(budget.header_octets, 0))]
    budget.header_octets -= len(block)
    if len(block) < head_end - head_begin:
        budget.note("headers-too-long")
    known = headers.fields(block, hint=budget.hint)
    if len(known) >= headers.MAX_FIELDS:
        budget.note("too-many-headers")
    if not known and block.strip():
        budget.note("no-headers")
        body = begin
    stated = headers.first(known, "content-type")
    media_type, type_params = headers.parameters(stated) if stated else (default_type, {})
    if not _plausible(media_type):
        if stated:
            budget.note("content-type-odd")
        media_type = default_type
    disposition, disposition_params = headers.parameters(headers.first(known, "content-disposition"))
    children: list[Part] = []
    source, inner, inner_end, inner_shift = raw, body, end, shift
    if media_type.startswith("multipart/"):
        if budget.opens and transfer.name_of(headers.first(known, "content-transfer-encoding")):
            source, inner, inner_end, inner_shift = _opened(raw, body, end, known, type_params, budget)
        media_type, children = _children(source, inner, inner_end, media_type, type_params, budget, depth, inner_shift)
    return Part(
        known, media_type, type_params, disposition, disposition_params, source, inner, inner_end, children, start=inner + inner_shift
    )


def _halves(raw: bytes, begin: int, end: int, *, whole: bool) -> tuple[int, int, int]:
    """Where the header block begins and ends, and where the body begins."""
    if whole:
        # What stands above a mail by mistake: a mark of its encoding, empty lines.
        above = _ABOVE.match(raw, begin, end)
        begin = above.end() if above else begin
    elif raw.startswith(b"\n", begin, end):
        return begin, begin, begin + 1
    elif raw.startswith(b"\r\n", begin, end):
        return begin, begin, begin + 2
    last, body = _blank(raw, begin, end)
    looked = min(last, begin + headers.MAX_BLOCK)
    stray = _STRAY.search(raw, begin, looked)
    while stray and body < end and not _undeclared(raw, stray.start(), looked, at_once=True):
        # Rubbish between two headers; a line that can be none and has none below it, or is a boundary, begins the body.
        below = _KNOWN.search(raw, stray.end(), looked)
        if below is None:
            break
        stray = _STRAY.search(raw, below.start(), looked)
    if stray and stray.start() > begin:
        return begin, stray.start(), stray.start()
    return begin, last, body


def _blank(raw: bytes, begin: int, end: int) -> tuple[int, int]:
    """Where the first empty line begins and ends; at the end, if there is none."""
    last, body = end, end
    for mark in _BLANKS:
        at = raw.find(mark, begin, min(body, end))
        if at >= 0:
            last, body = at, at + len(mark)
    return last - (raw[last - 1 : last] == b"\r" and raw[last : last + 1] == b"\n"), body


def _opened(
    raw: bytes, begin: int, end: int, known: headers.Fields, type_params: dict[str, str], budget: Budget
) -> tuple[bytes, int, int, int]:
    """A multipart may not be encoded as a whole (RFC 2045 section 6.4); where it is, and nothing can be cut before, it is decoded."""
    boundary = type_params.get("boundary", "")
    if boundary and raw.find(b"--" + boundary.encode("utf-8", "replace"), begin, end) >= 0:
        return raw, begin, end, 0
    budget.opens = False  # once: decoded in each other they would multiply what is held
    budget.note("multipart-encoded")
    content = transfer.decoded(raw[begin:end], headers.first(known, "content-transfer-encoding"))
    return content, 0, len(content), 0


def _children(
    raw: bytes, begin: int, end: int, media_type: str, type_params: dict[str, str], budget: Budget, depth: int, shift: int
) -> tuple[str, list[Part]]:
    """The type that is left, and the parts."""
    if depth >= MAX_DEPTH:
        budget.note("nested-too-deep")
        return TOO_DEEP, []
    cuts = _declared(raw, begin, end, type_params.get("boundary", ""), budget)
    if not cuts:
        # Nothing was cut, so the body itself is all that can be shown.
        return "text/plain", []
    default = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
    children = []
    for start, stop in cuts:
        if budget.parts <= 0:
            budget.note("too-many-parts")
            break
        children.append(_part(raw, start, stop, budget, depth + 1, default, shift))
    return media_type, children


def _declared(raw: bytes, begin: int, end: int, boundary: str, budget: Budget) -> list[tuple[int, int]]:
    cuts, closed = _cuts(raw, begin, end, boundary.encode("utf-8", "replace"), budget) if boundary else ([], False)
    if not cuts:
        budget.note("boundary-not-found" if boundary else "boundary-missing")
        found = _undeclared(raw, begin, min(end, begin + _SCANNED))
        cuts, closed = _cuts(raw, begin, end, found[1], budget) if found else ([], True)
    if cuts and not closed:
        budget.note("boundary-not-closed")
    return cuts


def _undeclared(raw: bytes, begin: int, end: int, *, at_once: bool = False) -> re.Match[bytes] | None:
    """The first such line from `begin` on, which is the beginning of a line; `at_once`: only that line itself."""
    look = _UNDECLARED.match if at_once else _UNDECLARED.search
    return look(raw, max(begin - 1, 0), end)


def _cuts(raw: bytes, begin: int, end: int, boundary: bytes, budget: Budget) -> tuple[list[tuple[int, int]], bool]:
    """(start, end) of each part between boundary lines, and whether the closing line was there."""
    mark = b"--" + boundary
    cuts: list[tuple[int, int]] = []
    start = -1
    at = raw.find(mark, begin, end)
    while at >= 0:
        budget.marks -= 1
        if budget.marks < 0 or len(cuts) > budget.parts:
            budget.note("too-many-parts")
            break
        if at == begin or raw[at - 1] in b"\r\n":
            after = at + len(mark)
            # The search for the line's end is bounded, or bodies without line feeds would cost quadratic time.
            line_end = raw.find(b"\n", after, min(end, after + 1000))
            if line_end < 0 and end - after <= 1000:
                line_end = end
            tail = raw[after:line_end].strip() if line_end >= 0 else b"too long"
            if tail in (b"", b"--"):
                if start >= 0:
                    cuts.append((start, _before_break(raw, start, at)))
                if tail == b"--":
                    return cuts, True
                start = min(line_end + 1, end)
        at = raw.find(mark, at + len(mark), end)
    if start >= 0:
        # The closing line is sometimes written right behind the last word.
        last = raw.rfind(mark + b"--", max(start, end - len(mark) - 10), end)
        cuts.append((start, last if last >= 0 and not raw[last + len(mark) + 2 : end].strip() else end))
    return cuts, False


def _before_break(raw: bytes, start: int, at: int) -> int:
    return max(start, at - 2 if raw[max(0, at - 2) : at] == b"\r\n" else at - 1)


def _plausible(media_type: str) -> bool:
    main, slash, sub = media_type.partition("/")
    return (
        bool(main and slash and sub) and len(media_type) <= 120 and media_type.isascii() and not any(c in media_type for c in " \"'<>,\\")
    )
