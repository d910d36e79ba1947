"""Saving a transcript: asked for by POST, recorded as the next entry, then streamed. Knows no format: the registry does."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from chat.actions.access import Who, enter
from chat.actions.action import perform
from chat.ledger import overview
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.event import Audience
from chat.ledger.read import in_thread
from chat.live import opening, who
from chat.people import links
from chat.people.models import Agent
from chat.transcripts import passes
from chat.transcripts.passes import Pass
from chat.transcripts.prepared import prepared
from chat.transcripts.streaming import streamed
from chat.transcripts.transcript import file_name, formats, render
from chat.web import ranges
from chat.web.ranges import Content

NOT_FOUND = "There is no such transcript."
LARGE = 4 * 1024 * 1024
"""Characters of the bodies stored, from which on a download (in JSON twice as much) may have to go on where it broke off."""
PRIVATE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}


@require_POST
async def take(request: HttpRequest, conversation: int, format_name: str) -> HttpResponse | StreamingHttpResponse:
    """An agent saves a conversation, notes included. The form's `key` makes a second press the same download."""
    me = await in_thread(_agent, request)
    if me is None:
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    return await saved(request, me, conversation, format_name, key=request.POST.get("key", ""), channel="inbox")


async def saved(
    request: HttpRequest, me: Who, conversation: int, format_name: str, *, key: str = "", channel: str
) -> HttpResponse | StreamingHttpResponse:
    """Record the download for somebody, then answer with the file as it stood just before.

    A large one is fetched from an address of its own (303), for a browser cannot go on with a POST that broke off.
    """
    if format_name not in formats():
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    try:
        receipt = await perform(
            me, "take", {"format": format_name}, key=key or f"take:{uuid.uuid4()}", channel=channel, conversation=conversation
        )
    except NoSuchConversation:
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    except Refused as refused:
        return HttpResponse(str(refused), status=409, content_type="text/plain; charset=utf-8")
    case = await in_thread(enter, me, conversation)
    granted = Pass(
        conversation=conversation,
        format=format_name,
        audience=me.audience.value,
        upto=receipt.position - 1,
        made_for=case.state.customer.name or me.name,
        made_at=receipt.written[receipt.main].at,
        ref=me.ref,
    )
    if await in_thread(overview.holds_more, conversation, LARGE, upto=granted.upto):
        return HttpResponse(status=303, headers={"Location": passes.address_of(granted), **PRIVATE})
    return await _file(request, granted)


@require_safe
async def fetch(request: HttpRequest, granted: str) -> HttpResponse | StreamingHttpResponse:
    """The download that an action recorded, for whoever holds its pass; a part of it, if it broke off."""
    found = passes.redeem(granted)
    if found is None or found.format not in formats() or not await in_thread(_may_fetch, request, found):
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    return await _file(request, found)


def _agent(request: HttpRequest) -> Who | None:
    return who.agent(request.user) if isinstance(request.user, Agent) and request.user.is_active else None


def _may_fetch(request: HttpRequest, granted: Pass) -> bool:
    if not granted.ref:
        return True
    session = links.session_of(request.COOKIES, granted.conversation)
    here = [person for person in (_agent(request), who.by_link(session) if session else None) if person]
    return any(person.ref == granted.ref and person.audience == granted.audience and _may_still(person, granted) for person in here)


def _may_still(person: Who, granted: Pass) -> bool:
    """A pass may outlast what an agent was allowed when it was made."""
    try:
        opening.permitted(person.role)
        enter(person, granted.conversation)
    except Refused:
        return False
    return True


async def _file(request: HttpRequest, granted: Pass) -> HttpResponse | StreamingHttpResponse:
    try:
        version, case_number = await in_thread(_version, granted)
    except NoSuchConversation:
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    etag, media_type = f'"{version}"', formats()[granted.format].media_type
    disposition = content_disposition_header(True, file_name(granted.format, case_number)) or "attachment"
    headers = {**PRIVATE, "Content-Disposition": disposition}
    write = partial(_written, granted)
    if ranges.wanted(request, etag):
        path = await prepared(version, write)
        if path is not None:
            content = Content(open=partial(_opened, path), size=(await in_thread(path.stat)).st_size, etag=etag)
            return ranges.answered(request, content, content_type=media_type, headers=headers)
    headers |= {"ETag": etag, "Accept-Ranges": "bytes"}
    if request.method == "HEAD":
        return HttpResponse(content_type=media_type, headers=headers)
    return StreamingHttpResponse(streamed(await in_thread(write)), content_type=media_type, headers=headers)


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _written(granted: Pass) -> Iterator[bytes]:
    return render(
        granted.format,
        granted.conversation,
        audience=Audience(granted.audience),
        upto=granted.upto,
        made_for=granted.made_for,
        made_at=granted.made_at,
    )


def _version(granted: Pass) -> tuple[str, str]:
    """What the file's octets follow from, as a digest, and the case number."""
    case = enter(Who(ref="system", name="", side="system"), granted.conversation)
    crossed = overview.crossed_after(granted.conversation, granted.upto)
    told = [*asdict(granted).values(), case.case_number, case.site.name, case.site.zone, crossed]
    return hashlib.sha256(repr(told).encode()).hexdigest(), case.case_number


urlpatterns = [
    path("transcripts/pass/<str:granted>", fetch, name="transcript-pass"),
    path("transcripts/<int:conversation>/<slug:format_name>", take, name="transcript-take"),
]
