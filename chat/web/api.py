"""Transcripts for programs: whoever holds a link that its owner made to take along fetches what it opens (docs/full-record.md).

Unknown, expired, cancelled and foreign links get one answer. Knows no format: the registry does.
"""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.actions.access import Who
from chat.ledger.append import Busy, Refused
from chat.ledger.read import in_thread
from chat.live import limits, who
from chat.people import links
from chat.transcripts.transcript import formats
from chat.web import granted
from chat.web.transcripts import addresses, recorded


@csrf_exempt  # no cookie counts here, and no foreign page can send the header
@require_http_methods(["GET", "POST"])
async def transcripts(request: HttpRequest, format_name: str) -> HttpResponse | StreamingHttpResponse:
    """GET gives the file itself, POST its addresses, which also give parts of it. Both are recorded as a download."""
    me = await in_thread(_whoever, request)
    if me is None:
        return _no("not-found", "This link opens nothing. It may be over, cancelled, or not complete.", 404)
    if format_name not in formats():
        return _no("format", f"There is no format {format_name[:40]!r}.", 404, formats=list(formats()))
    wait = limits.take("download", me.ref)
    if wait:
        answer = _no("limit", granted.TOO_MANY, 429)
        answer["Retry-After"] = str(math.ceil(wait))
        return answer
    try:
        made = await recorded(request, me, me.only, format_name, channel="system", anywhere=True)
    except Busy as busy:
        return _no("busy", str(busy), 503)
    except Refused:
        return _no("not-found", "This link opens nothing. It may be over, cancelled, or not complete.", 404)
    if request.method == "GET":
        return await granted.answer(request, made)
    return JsonResponse({**addresses(made), "position": made.upto}, status=201, headers=granted.PRIVATE)


def _whoever(request: HttpRequest) -> Who | None:
    scheme, _, secret = request.headers.get("Authorization", "")[:600].partition(" ")
    if scheme.lower() != "bearer":
        return None
    session = links.opened(secret.rpartition("#")[2], request.headers.get("X-Visitor", "")[:200])
    return who.by_link(session) if session else None


def _no(code: str, message: str, status: int, **more: object) -> JsonResponse:
    return JsonResponse({"code": code, "message": message, **more}, status=status, headers={"Cache-Control": "no-store"})


urlpatterns = [path("api/v1/conversation/transcripts/<slug:format_name>", transcripts, name="api-transcripts")]
