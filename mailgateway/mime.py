"""The tree of a mail's parts, cut from bytes in bounded, linear steps; broken structure gives notes, never errors.
Knows no meaning of parts.
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass, field

from mailgateway import headers

MAX_DEPTH = 16
MAX_PARTS = 400

_BLANK = re.compile(rb"\r?\n\r?\n|\r\r")
_STRAY = re.compile(rb"^(?!From |[ \t]|[!-9;-~]{1,200}[ \t]*:)[^\r\n]", re.MULTILINE)
_UU_BEGIN = re.compile(rb"begin [0-7]{3,4} ")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its header fields, type and parameters, and its body (still transfer-encoded; use `content`)."""

    fields: headers.Fields
    media_type: str
    type_params: dict[str, str]
    disposition: str
    disposition_params: dict[str, str]
    body: bytes
    children: list[Part]
    start: int = 0
    """Where the body begins, in octets of the whole mail."""

    @property
    def content(self) -> bytes:
        return _decoded(self.body, headers.first(self.fields, "content-transfer-encoding"))


@dataclass(slots=True)
class Budget:
    """What is left to spend on one mail, and what was odd about it."""

    parts: int = MAX_PARTS
    notes: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        if code and code not in self.notes:
            self.notes.append(code)


def tree(raw: bytes, budget: Budget, *, depth: int = 0, default_type: str = "text/plain", at: int = 0) -> Part:
    """Cut `raw` (headers, blank line, body) into its parts. `at` is where it begins in the whole mail."""
    budget.parts -= 1
    block, body = _halves(raw)
    known = headers.fields(block)
    if not known and block.strip():
        budget.note("no-headers")
        body = raw
    stated = headers.first(known, "content-type")
    media_type, type_params = headers.parameters("content-type", stated) if stated else (default_type, {})
    if not _plausible(media_type):
        if stated:
            budget.note("content-type-odd")
        media_type = default_type
    disposition, disposition_params = headers.parameters("content-disposition", headers.first(known, "content-disposition"))
    start = at + len(raw) - len(body)
    children: list[Part] = []
    if media_type.startswith("multipart/"):
        children = _children(body, media_type, type_params.get("boundary", ""), budget, depth, start)
        if not children:
            # Nothing was cut, so the body itself is all that can be shown.
            media_type = "text/plain"
    return Part(known, media_type, type_params, disposition, disposition_params, body, children, start)


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    if raw[:1] == b"\n":
        return b"", raw[1:]
    if raw[:2] == b"\r\n":
        return b"", raw[2:]
    found = _BLANK.search(raw)
    if found:
        return raw[: found.start()], raw[found.end() :]
    # No blank line at all: what follows the last line that can be a header is read as the body.
    stray = _STRAY.search(raw)
    return (raw[: stray.start()], raw[stray.start() :]) if stray else (raw, b"")


def _children(body: bytes, media_type: str, boundary: str, budget: Budget, depth: int, at: int) -> list[Part]:
    if not boundary:
        budget.note("boundary-missing")
        return []
    if depth >= MAX_DEPTH:
        budget.note("nested-too-deep")
        return []
    cuts, closed = _cuts(body, boundary)
    if not cuts:
        budget.note("boundary-not-found")
        return []
    if not closed:
        budget.note("boundary-not-closed")
    default = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
    children = []
    for start, end in cuts:
        if budget.parts <= 0:
            budget.note("too-many-parts")
            break
        children.append(tree(body[start:end], budget, depth=depth + 1, default_type=default, at=at + start))
    return children


def _cuts(body: bytes, boundary: str) -> tuple[list[tuple[int, int]], bool]:
    """(start, end) of each part between boundary lines, and whether the closing line was there."""
    mark = b"--" + boundary.encode("utf-8", "replace")
    cuts: list[tuple[int, int]] = []
    start = -1
    at = body.find(mark)
    while at >= 0:
        if at == 0 or body[at - 1] in b"\r\n":
            after = at + len(mark)
            # The search for the line's end is bounded, or bodies without line feeds would cost quadratic time.
            line_end = body.find(b"\n", after, after + 1000)
            if line_end < 0 and len(body) - after <= 1000:
                line_end = len(body)
            tail = body[after:line_end].strip() if line_end >= 0 else b"too long"
            if tail in (b"", b"--"):
                if start >= 0:
                    cuts.append((start, _before_break(body, at)))
                if tail == b"--":
                    return cuts, True
                start = min(line_end + 1, len(body))
        at = body.find(mark, at + len(mark))
    if start >= 0:
        cuts.append((start, len(body)))
    return cuts, False


def _before_break(body: bytes, at: int) -> int:
    if body[max(0, at - 2) : at] == b"\r\n":
        return at - 2
    return max(0, at - 1)


def _decoded(body: bytes, encoding: str) -> bytes:
    name = encoding.split(";", 1)[0].strip().strip("\"'").lower()
    if name == "base64":
        return headers.unbase64(body)
    if name == "quoted-printable":
        return quopri.decodestring(body)
    if name in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _unuu(body)
    return body


def _unuu(body: bytes) -> bytes:
    out: list[bytes] = []
    inside = False
    for line in body.splitlines():
        if not inside:
            inside = bool(_UU_BEGIN.match(line))
        elif line.strip() == b"end":
            break
        else:
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                # Some encoders leave rubbish at the line's end; the first byte says how much of it counts.
                wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
                try:
                    out.append(binascii.a2b_uu(line[:wanted]))
                except binascii.Error:
                    continue
    return b"".join(out) if inside else body


def _plausible(media_type: str) -> bool:
    main, slash, sub = media_type.partition("/")
    return (
        bool(main and slash and sub) and len(media_type) <= 120 and media_type.isascii() and not any(c in media_type for c in " \"'<>,\\")
    )
