"""Saving a transcript: asked for by POST, recorded as the next entry, then handed out. Knows no format: the registry does."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

from chat.actions.access import Who, enter
from chat.actions.action import perform
from chat.ledger import overview
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.read import in_thread
from chat.live import limits
from chat.transcripts import passes
from chat.transcripts.passes import Pass
from chat.transcripts.transcript import formats
from chat.web import granted
from chat.web.granted import PRIVATE

LARGE = 4 * 1024 * 1024
"""Characters of the bodies stored, from which on a download (in JSON twice as much) may have to go on where it broke off."""


@require_POST
async def take(request: HttpRequest, conversation: int, format_name: str) -> HttpResponse | StreamingHttpResponse:
    """An agent saves a conversation, notes included. The form's `key` makes a second press the same download."""
    me = await in_thread(granted.agent_of, request)
    if me is None:
        return granted.not_found()
    return await saved(request, me, conversation, format_name, key=request.POST.get("key", ""), channel="inbox")


async def saved(
    request: HttpRequest, me: Who, conversation: int, format_name: str, *, key: str = "", channel: str
) -> HttpResponse | StreamingHttpResponse:
    """Record the download for somebody, then answer with the file as it stood just before.

    A large one is fetched from an address of its own (303), for a browser cannot go on with a POST that broke off; an archive is prepared
    first. Who wants JSON gets the addresses (201).
    """
    if format_name not in formats():
        return granted.no_format(format_name)
    refused = granted.too_many(limits.take("download", me.owner))
    if refused is not None:
        return refused
    try:
        made = await recorded(request, me, conversation, format_name, key=key, channel=channel)
    except NoSuchConversation:
        return granted.not_found()
    except Refused as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    if granted.wants_json(request):
        return JsonResponse(addresses(made), status=201, headers=PRIVATE)
    if formats()[format_name].archive:
        return HttpResponse(status=303, headers={"Location": passes.address_of(made, "state"), **PRIVATE})
    if await in_thread(overview.holds_more, conversation, LARGE, upto=made.upto):
        return HttpResponse(status=303, headers={"Location": passes.address_of(made), **PRIVATE})
    return await granted.answer(request, made)


async def recorded(
    request: HttpRequest, me: Who, conversation: int, format_name: str, *, key: str = "", channel: str, anywhere: bool = False
) -> Pass:
    """Append `transcript.taken`; gives the pass for the file as it stood just before. Raises Refused.

    A pass counts in the browser of whoever asked; `anywhere` is for those who have none.
    """
    receipt = await perform(
        me, "take", {"format": format_name}, key=key or f"take:{uuid.uuid4()}", channel=channel, conversation=conversation
    )
    case = await in_thread(enter, me, conversation)
    return Pass(
        conversation=conversation,
        format=format_name,
        audience=me.audience.value,
        upto=receipt.position - 1,
        made_for=case.state.customer.name or me.name,
        made_at=receipt.written[receipt.main].at,
        ref="" if anywhere else me.ref,
        zone=request.POST.get("zone", "")[:64],
        language=(request.POST.get("language", "") or _first_language(request))[:35],
    )


def addresses(made: Pass) -> dict[str, str]:
    """Where the file of a pass is; of an archive also its signature, and how far it is prepared."""
    told = {"download": passes.address_of(made)}
    if formats()[made.format].archive:
        told |= {what: passes.address_of(made, what) for what in ("signature", "state")}
    return told


def _first_language(request: HttpRequest) -> str:
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200].lower())
    return wanted[0][0] if wanted else ""


urlpatterns = [
    path("transcripts/pass/<str:granted>", granted.fetch, name="transcript-pass"),
    path("transcripts/pass/<str:granted>/state", granted.state, name="transcript-state"),
    path("transcripts/pass/<str:granted>/signature", granted.signature, name="transcript-signature"),
    path("transcripts/<int:conversation>/<slug:format_name>", take, name="transcript-take"),
]
