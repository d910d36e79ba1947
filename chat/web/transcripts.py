"""Saving a transcript: asked for by POST, recorded as the next entry, then streamed. Knows no format: the registry does."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from chat.actions.access import Who, enter
from chat.actions.action import perform
from chat.ledger import read
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.event import Audience
from chat.ledger.read import in_thread
from chat.live import who
from chat.people.models import Agent
from chat.transcripts import passes
from chat.transcripts.transcript import file_name, formats, render

NOT_FOUND = "There is no such transcript."


@require_POST
async def take(request: HttpRequest, conversation: int, format_name: str) -> HttpResponse | StreamingHttpResponse:
    """An agent saves a conversation, notes included. The form's `key` makes a second press the same download."""
    me = await in_thread(_agent, request)
    if me is None:
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    return await saved(me, conversation, format_name, key=request.POST.get("key", ""), channel="inbox")


async def saved(me: Who, conversation: int, format_name: str, *, key: str = "", channel: str) -> HttpResponse | StreamingHttpResponse:
    """Record the download for somebody, then answer with the file as it stood just before."""
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
    upto = receipt.position - 1
    pieces = await in_thread(
        render, format_name, conversation, audience=me.audience, upto=upto, made_for=case.state.customer.name or me.name
    )
    return _file(pieces, format_name, case.case_number)


@require_GET
async def fetch(request: HttpRequest, granted: str) -> HttpResponse | StreamingHttpResponse:
    """The download that an action recorded, for whoever holds its pass."""
    found = passes.redeem(granted)
    head = await in_thread(read.head, found.conversation) if found else None
    if found is None or head is None or found.format not in formats():
        return HttpResponseNotFound(NOT_FOUND, content_type="text/plain")
    number = await in_thread(_case_number, found.conversation)
    audience = Audience(found.audience)
    pieces = await in_thread(render, found.format, found.conversation, audience=audience, upto=found.upto, made_for=found.made_for)
    return _file(pieces, found.format, number)


def _case_number(conversation: int) -> str:
    return enter(Who(ref="system", name="", side="system"), conversation).case_number


def _agent(request: HttpRequest) -> Who | None:
    return who.agent(request.user) if isinstance(request.user, Agent) and request.user.is_active else None


def _file(pieces: Iterator[bytes], format_name: str, case_number: str) -> StreamingHttpResponse:
    written = formats()[format_name]
    disposition = content_disposition_header(True, file_name(format_name, case_number)) or "attachment"
    headers = {
        "Content-Disposition": disposition,
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingHttpResponse(_streamed(pieces), content_type=written.media_type, headers=headers)


async def _streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await in_thread(next, pieces, b"")) != b"":
        yield piece


urlpatterns = [
    path("transcripts/pass/<str:granted>", fetch, name="transcript-pass"),
    path("transcripts/<int:conversation>/<slug:format_name>", take, name="transcript-take"),
]
