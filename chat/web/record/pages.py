"""The customer's record of one conversation: read it, save it, go on in it. Works without script but for the live part."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from chat.actions.action import perform
from chat.ledger import stretch
from chat.ledger.append import Busy, Refused
from chat.ledger.read import in_thread
from chat.live.who import by_link
from chat.people import links
from chat.web.record import page, sealed, shown
from chat.web.record.entrance import entered, gone, left, private
from chat.web.transcripts import saved


@require_GET
def record(request: HttpRequest, conversation: int) -> HttpResponse:
    found = entered(request, conversation)
    if found is None:
        return gone(request)
    session, case = found
    return private(render(request, "record/record.html", page.page(request, case, session)))


@require_GET
def entries(request: HttpRequest, conversation: int) -> HttpResponse:
    """The entries after a position, as the page shows them: what the live part adds at the end of the thread."""
    found = entered(request, conversation)
    after = request.GET.get("after", "0")
    if found is None or not (after.isascii() and after.isdecimal()) or len(after) > 18:
        return gone(request)
    session, case = found
    part = stretch.after(conversation, int(after))
    response = render(request, "record/days.html", {"days": shown.days(part, ref=session.ref, clock=page.clock_of(request, case))})
    response["X-Position"] = str(part.entries[-1].position if part.entries else int(after))
    response["X-More"] = "yes" if part.later else ""
    return private(response)


@require_GET
async def seal(request: HttpRequest, conversation: int) -> HttpResponse:
    """The seals of a long conversation, checked now: the part of the page that says what came of it."""
    found = await in_thread(entered, request, conversation)
    if found is None:
        return gone(request)
    _, case = found
    # On the ledger's threads, so that a long check keeps no other page waiting.
    await in_thread(sealed.checked, case.head)
    return private(await in_thread(lambda: render(request, "record/seal.html", page.sealing(request, case, page.clock_of(request, case)))))


@require_POST
async def say(request: HttpRequest, conversation: int) -> HttpResponse:
    """Goes on in the conversation. A script sends the same form and gets 204; the same `key` is the same message."""
    found = await in_thread(entered, request, conversation)
    if found is None:
        return gone(request)
    session, case = found
    quiet = request.headers.get("X-Requested-With") == "record"
    form = {"text": request.POST.get("text", "")}
    key = request.POST.get("key") or f"say:{uuid.uuid4()}"
    try:
        await perform(by_link(session), "say", form, key=key[:100], channel="widget", conversation=conversation)
    except Refused as refused:
        status = 503 if isinstance(refused, Busy) else 409
        if quiet:
            return private(HttpResponse(str(refused), status=status, content_type="text/plain; charset=utf-8"))
        told = await in_thread(page.page, request, case, session)
        return private(render(request, "record/record.html", {**told, "problem": str(refused), "draft": form["text"]}, status=status))
    return private(HttpResponse(status=204) if quiet else redirect(f"/r/{conversation}/#go-on"))


@require_POST
async def save(request: HttpRequest, conversation: int, format_name: str) -> HttpResponse | StreamingHttpResponse:
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    if session is None:
        return gone(request)
    return await saved(request, by_link(session), conversation, format_name, channel="system")


@require_POST
def sign_out(request: HttpRequest, conversation: int) -> HttpResponse:
    """Closes the record in this browser; the link itself goes on working."""
    session = links.session_of(request.COOKIES, conversation)
    return left(request, session.row if session else 0, "You are signed out of this link. It still works: open it from the mail again.")
