"""Files on their way in and out: uploads belong to whoever sent them until an event names them; downloads never run in a page of ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from chat.actions.access import Who, enter
from chat.ledger import blobs, read
from chat.ledger.append import NoSuchConversation, Refused
from chat.ledger.read import in_thread
from chat.live import limits, opening, origin, who
from chat.live.frames import identifier
from chat.people import file_keys, links, uploads, visitors
from chat.people.models import Agent
from chat.web.ranges import CHUNK, Content, answered

ENVELOPE = 64 * 1024
"""What a form adds around its file, at most."""
PRIVATE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=300",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@csrf_exempt  # a visitor's header cannot be sent by a foreign page; cookies count only together with our own origin
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Takes one file and answers with the id under which its owner may attach it."""
    me = whoever(request, _conversation(request.POST.get("conversation", "")))
    if me is None:
        return _no("not-found", "Nobody is signed in here.", 404)
    if int(request.META.get("CONTENT_LENGTH") or 0) > uploads.LARGEST + ENVELOPE:
        return _too_large()
    wait = limits.take("upload", me.owner) or limits.take("upload by network", origin.network(_scope(request)))
    if wait:
        refused = _no("limit", "That were many files at once. Try again in a moment.", 429)
        refused["Retry-After"] = str(int(wait) + 1)
        return refused
    file = request.FILES.get("file")
    if file is None or not file.size:
        return _no("form", "Choose a file that is not empty.", 400)
    beginning = file.read(16)
    file.seek(0)
    try:
        digest = blobs.store_stream(file.chunks(CHUNK), limit=uploads.LARGEST)
    except blobs.TooLarge:
        return _too_large()
    except OSError:
        return _no("busy", "The file cannot be stored now. Try again in a moment.", 503)
    kept = uploads.kept(
        owner=me.owner, name=file.name or "", declared=file.content_type or "", beginning=beginning, size=file.size, digest=digest
    )
    return JsonResponse({"upload": kept.secret, "name": kept.name, "media_type": kept.media_type, "size": kept.size}, status=201)


@require_safe
async def download(request: HttpRequest, conversation: int, position: int, index: int) -> HttpResponse | StreamingHttpResponse:
    """One file of one event, for those who may see that event; everybody else gets the same answer as for a file that is not there."""
    try:
        me, file = await in_thread(_found, request, _conversation(str(conversation)), position, index)
        if me.side == "agents":
            opening.permitted(me.role)
            await opening.record(await in_thread(enter, me, conversation))
        size = await in_thread(blobs.size, file["digest"])
    except (Refused, FileNotFoundError):
        return _no("not-found", "There is no such file.", 404)
    kind = file["media_type"] if file["media_type"] in uploads.HARMLESS else uploads.UNKNOWN
    disposition = content_disposition_header(True, file["name"]) or "attachment"
    content = Content(open=partial(blobs.open_blob, file["digest"]), size=size, etag=f'"{file["digest"]}"')
    return answered(request, content, content_type=kind, headers={**PRIVATE, "Content-Disposition": disposition})


def _found(request: HttpRequest, conversation: int, position: int, index: int) -> tuple[Who, Mapping[str, Any]]:
    me = _by_key(request, conversation, position, index) or whoever(request, conversation)
    if me is None or position >= 2**63 or index >= 2**31:
        raise NoSuchConversation("There is no such file.")
    enter(me, conversation)
    digest = read.attachment(conversation, position, index, audience=me.audience)
    event = read.entry(conversation, position)
    if digest is None or event is None:
        raise NoSuchConversation("There is no such file.")
    # A file that was crossed out has no field any more.
    fields = [value for name, value in event.values.items() if name.endswith(f".{index}") and isinstance(value, dict)]
    for file in fields:
        if file.get("digest") == digest:
            return me, file
    raise NoSuchConversation("There is no such file.")


def _by_key(request: HttpRequest, conversation: int, position: int, index: int) -> Who | None:
    ref = file_keys.opened_by(request.GET.get("k", "")[:200], conversation, position, index)
    return Who(ref=ref, name="", side="customer", only=conversation) if ref else None


def whoever(request: HttpRequest, conversation: int) -> Who | None:
    """Who asks: a visitor by their token, an agent who signed in, or the participant whose link this browser opened."""
    token = request.headers.get("X-Visitor", "")[:200]
    if token:
        known = visitors.recognise(token)
        return who.visitor(known) if known else None
    from_our_page = request.method in ("GET", "HEAD") or origin.is_ours(request.headers.get("Origin", ""), host=request.get_host())
    if not from_our_page:
        return None
    user = request.user
    if isinstance(user, Agent) and user.is_active:
        return who.agent(user)
    session = links.session_of(request.COOKIES, conversation) if conversation else None
    return who.by_link(session) if session else None


def _conversation(text: str) -> int:
    return identifier(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _scope(request: HttpRequest) -> Mapping[str, Any]:
    return getattr(request, "scope", {"client": (request.META.get("REMOTE_ADDR", ""), 0)})


def _too_large() -> JsonResponse:
    return _no("too-large", f"A file has at most {uploads.LARGEST // 1024 // 1024} MB.", 413)


def _no(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)


urlpatterns = [
    path("files", upload),
    path("files/<int:conversation>/<int:position>/<int:index>", download),
]
