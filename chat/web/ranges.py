"""Part of a file, for a download that goes on where it broke off: RFC 9110, section 14, one range at a time. Knows no conversation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from chat.ledger.read import in_thread

CHUNK = 256 * 1024
_ONE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file that does not change: how to open it, its octets, and a strong ETag, with its quotation marks."""

    open: Callable[[], BinaryIO]
    size: int
    etag: str


def wanted(request: HttpRequest, etag: str) -> bool:
    """True if a part is asked for that we may give: one range, by GET, and not of another version (If-Range, section 13.1.5)."""
    found = _ONE.match(request.headers.get("Range", "")) if request.method == "GET" else None
    if found is None or request.headers.get("If-Range", etag) != etag:
        return False
    first, last = found.groups()
    return int(first) <= int(last) if first and last else bool(first or last)


def answered(
    request: HttpRequest, content: Content, *, content_type: str, headers: Mapping[str, str]
) -> HttpResponse | StreamingHttpResponse:
    """The whole file (200), the part that is asked for (206), or that there is no such part (416); for HEAD without the content."""
    every = {**headers, "ETag": content.etag, "Accept-Ranges": "bytes"}
    unchanged = get_conditional_response(request, etag=content.etag)
    if unchanged is not None:
        unchanged["ETag"], unchanged["Cache-Control"] = content.etag, headers.get("Cache-Control", "private")
        return unchanged
    part, status = range(content.size), 200
    if wanted(request, content.etag):
        found = part_of(request.headers["Range"], content.size)
        if found is None:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{content.size}", "Accept-Ranges": "bytes"})
        part, status = found, 206
        every["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{content.size}"
    every["Content-Length"] = str(len(part))
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=content_type, headers=every)
    return StreamingHttpResponse(_chunks(content, part), status=status, content_type=content_type, headers=every)


def part_of(asked: str, size: int) -> range | None:
    """The octets that `bytes=first-last`, `bytes=first-` or `bytes=-length` names; None if the file has none of them."""
    found = _ONE.match(asked)
    first, last = found.groups() if found else ("", "")
    if not first:
        part = range(max(0, size - int(last or 0)), size)
    else:
        part = range(int(first), min(size, int(last) + 1 if last else size))
    return part if part else None


async def _chunks(content: Content, part: range) -> AsyncIterator[bytes]:
    file = await in_thread(content.open)
    try:
        file.seek(part.start)
        left = len(part)
        while left and (chunk := await in_thread(file.read, min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
