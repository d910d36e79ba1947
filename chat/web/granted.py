"""What a pass opens: the file as it stood, in parts too; for an archive how far it is prepared, and the signature over the whole of it.

Unknown, foreign and expired passes get one answer. Knows no format: the registry does.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe

from chat.actions.access import Who, enter
from chat.ledger import overview
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.event import Audience
from chat.ledger.read import in_thread
from chat.live import limits, opening, who
from chat.people import links, signing_keys
from chat.people.models import Agent
from chat.transcripts import passes, shelf
from chat.transcripts.clock import size
from chat.transcripts.passes import Pass
from chat.transcripts.prepared import Progress, Wanted, prepared, progress
from chat.transcripts.shelf import Copy
from chat.transcripts.streaming import streamed
from chat.transcripts.transcript import CannotWrite, Format, file_name, formats
from chat.transcripts.transcript import render as render_format
from chat.web import ranges
from chat.web.ranges import Content

NOT_FOUND = "There is no such transcript."
TOO_MANY = "That were many downloads at once. Try again in a moment."
BUSY = "The file is being prepared. Try again in a moment."
PATIENCE = 25
"""Seconds that somebody waits for the signature of a file that is not prepared yet."""
PRIVATE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A good pass, and what the file's octets follow from."""

    granted: Pass
    format: Format
    case_number: str
    version: str
    """A digest: the same version is the same file to the last octet."""

    @property
    def name(self) -> str:
        return file_name(self.format.name, self.case_number)


@require_safe
async def fetch(request: HttpRequest, granted: str) -> HttpResponse | StreamingHttpResponse:
    """The download that an action recorded, for whoever holds its pass; a part of it, if it broke off."""
    found = await in_thread(_redeemed, request, granted)
    if found is None:
        return not_found()
    # Each part costs little, a whole one much: whoever asks again and again waits.
    return too_many(limits.take("part", f"{found.granted.audience}:{found.granted.conversation}")) or await _file(request, found)


@require_GET
async def state(request: HttpRequest, granted: str) -> HttpResponse:
    """How far an archive is prepared, as a page or as JSON; the first who asks sets it going, and it goes on without them."""
    found = await in_thread(_redeemed, request, granted)
    if found is None or not found.format.archive:
        return not_found()
    how_far = await progress(await in_thread(_wanted, found))
    return shown(request, how_far, download=f"/transcripts/pass/{granted}", signature=f"/transcripts/pass/{granted}/signature")


@require_GET
async def signature(request: HttpRequest, granted: str) -> HttpResponse:
    """The signed note about the whole file."""
    found = await in_thread(_redeemed, request, granted)
    if found is None or not found.format.archive:
        return not_found()
    wanted = await in_thread(_wanted, found)
    return await signed(wanted, f"{found.format.name}/{found.granted.conversation}", found.name)


async def answer(request: HttpRequest, granted: Pass) -> HttpResponse | StreamingHttpResponse:
    """The file of a pass that was made just now."""
    found = await in_thread(_found, granted)
    return await _file(request, found) if found else not_found()


def not_found() -> HttpResponse:
    return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")


def too_many(wait: float) -> HttpResponse | None:
    """The answer for somebody who has to wait so many seconds; None for 0."""
    if not wait:
        return None
    return HttpResponse(TOO_MANY, status=429, headers={"Retry-After": str(math.ceil(wait))}, content_type="text/plain")


def no_format(name: str) -> HttpResponse:
    """A format that is not there is a slip, and no secret."""
    words = f"There is no format {name[:40]!r}. There are {', '.join(formats())}."
    return HttpResponseNotFound(words, content_type="text/plain; charset=utf-8")


def wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")


def shown(request: HttpRequest, how_far: Progress, *, download: str, signature: str) -> HttpResponse:
    """The state of a prepared file: JSON for programs, else a page that looks again by itself."""
    ready = how_far.state == "ready"
    told = {"state": how_far.state, "done": how_far.done, "expected": max(how_far.expected, how_far.done), "problem": how_far.problem}
    told |= {"download": download, "signature": signature} if ready else {"download": "", "signature": ""}
    sizes = {"done_words": size(how_far.done), "expected_words": size(max(how_far.expected, how_far.done))}
    page = JsonResponse(told) if wants_json(request) else render(request, "record/prepared.html", {**told, **sizes})
    page["Cache-Control"] = "private, no-store"
    page["Referrer-Policy"] = "same-origin"
    return page


async def from_copy(request: HttpRequest, copy: Copy, *, etag: str, content_type: str, name: str) -> HttpResponse | StreamingHttpResponse:
    """A prepared file, or a part of it. Raises FileNotFoundError if it is gone; once this answers, it is read to the end."""
    file = await in_thread(copy.path.open, "rb")
    content = Content(open=lambda: file, size=copy.size, etag=etag)
    answered = ranges.answered(request, content, content_type=content_type, headers={**PRIVATE, "Content-Disposition": _attached(name)})
    if not answered.streaming:
        file.close()
    return answered


async def signed(wanted: Wanted, about: str, name: str) -> HttpResponse:
    """The C2SP signed note over a whole prepared file: what it is, its size in octets, its SHA-256 in base64."""
    try:
        copy = await asyncio.wait_for(prepared(wanted, patient=True), PATIENCE)
    except TimeoutError:
        copy = None
    if copy is None:
        return HttpResponse(BUSY, status=503, headers={"Retry-After": "5", **PRIVATE}, content_type="text/plain")
    digest = base64.b64encode(bytes.fromhex(copy.sha256)).decode()
    note = await in_thread(signing_keys.sign, f"{signing_keys.origin()}/{about}\n{copy.size}\n{digest}\n")
    headers = {**PRIVATE, "Content-Disposition": _attached(f"{name}.sig")}
    return HttpResponse(note.encode(), content_type="text/plain; charset=utf-8", headers=headers)


def _redeemed(request: HttpRequest, text: str) -> _Found | None:
    granted = passes.redeem(text)
    return _found(granted) if granted and _may_fetch(request, granted) else None


def _found(granted: Pass) -> _Found | None:
    format_ = formats().get(granted.format)
    if format_ is None:
        return None
    try:
        case = enter(Who(ref="system", name="", side="system"), granted.conversation)
    except NoSuchConversation:
        return None
    if case.state.gone_at:
        return None
    crossed = overview.crossed_after(granted.conversation, granted.upto)
    told = [*asdict(granted).values(), case.case_number, case.site.name, case.site.zone, crossed]
    return _Found(granted=granted, format=format_, case_number=case.case_number, version=hashlib.sha256(repr(told).encode()).hexdigest())


def _may_fetch(request: HttpRequest, granted: Pass) -> bool:
    if not granted.ref:
        return True
    session = links.session_of(request.COOKIES, granted.conversation)
    here = [person for person in (agent_of(request), who.by_link(session) if session else None) if person]
    return any(person.ref == granted.ref and person.audience == granted.audience and _may_still(person, granted) for person in here)


def agent_of(request: HttpRequest) -> Who | None:
    return who.agent(request.user) if isinstance(request.user, Agent) and request.user.is_active else None


def _may_still(person: Who, granted: Pass) -> bool:
    """A pass may outlast what an agent was allowed when it was made."""
    try:
        opening.permitted(person.role)
        enter(person, granted.conversation)
    except Refused:
        return False
    return True


async def _file(request: HttpRequest, found: _Found) -> HttpResponse | StreamingHttpResponse:
    etag, media_type = f'"{found.version}"', found.format.media_type
    copy = await _copy(request, found, etag)
    if copy is not None:
        try:
            return await from_copy(request, copy, etag=etag, content_type=media_type, name=found.name)
        except FileNotFoundError:
            pass  # gone between the look and the opening: then it comes whole
    headers = {**PRIVATE, "Content-Disposition": _attached(found.name), "ETag": etag, "Accept-Ranges": "bytes"}
    if request.method == "HEAD":
        return HttpResponse(content_type=media_type, headers=headers)
    try:
        pieces = streamed(await in_thread(_written, found), heavy=found.format.heavy)
        first = await anext(pieces, b"")
    except NoSuchConversation:
        return not_found()
    except CannotWrite as refused:
        return HttpResponse(str(refused), status=422, headers=PRIVATE, content_type="text/plain; charset=utf-8")
    return StreamingHttpResponse(_both(first, pieces), content_type=media_type, headers=headers)


async def _both(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece


async def _copy(request: HttpRequest, found: _Found, etag: str) -> Copy | None:
    """The prepared file, if it is there; it is written if a part of it is asked for."""
    if ranges.wanted(request, etag):
        return await prepared(await in_thread(_wanted, found))
    return await in_thread(shelf.found, found.version) if found.format.archive else None


def _wanted(found: _Found) -> Wanted:
    granted = found.granted
    return Wanted(
        name=found.version,
        write=partial(_written, found),
        of={granted.conversation: granted.upto},
        expected=overview.octets(granted.conversation, upto=granted.upto),
    )


def _written(found: _Found) -> Iterator[bytes]:
    granted = found.granted
    return render_format(
        granted.format,
        granted.conversation,
        audience=Audience(granted.audience),
        upto=granted.upto,
        made_for=granted.made_for,
        made_at=granted.made_at,
        zone=granted.zone,
        language=granted.language,
    )


def _attached(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"
