"""The customer's record of one conversation: read it, save it, go on in it, cancel the link. Works without script but for the live part."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from chat.actions.access import Case, enter
from chat.actions.action import perform
from chat.events.privacy import LinkRevoked
from chat.ledger.append import Busy, Command, Fact, Refused, append
from chat.ledger.check import check
from chat.ledger.read import in_thread
from chat.live.who import by_link
from chat.people import links
from chat.people.links import LinkSession
from chat.transcripts.clock import Clock
from chat.transcripts.transcript import formats
from chat.web.record import shown
from chat.web.record.entrance import private
from chat.web.transcripts import saved

DAY = 86_400_000_000
"""One day in the ledger's unit of time."""


@require_GET
def record(request: HttpRequest, conversation: int) -> HttpResponse:
    session = links.session_of(request.COOKIES, conversation)
    if session is None:
        return _gone(request)
    return private(render(request, "record/record.html", _page(request, _case(session), session)))


@require_GET
def entries(request: HttpRequest, conversation: int) -> HttpResponse:
    """The entries after a position, as the page shows them: what the live part adds at the end of the thread."""
    session = links.session_of(request.COOKIES, conversation)
    after = request.GET.get("after", "0")
    if session is None or not after.isdecimal() or len(after) > 18:
        return _gone(request)
    case = _case(session)
    found, names, _ = shown.thread(conversation, ref=session.ref, clock=Clock(case.site.zone), after=int(after))
    response = render(request, "record/days.html", {"days": shown.days(found, names)})
    response["X-Position"] = str(found[-1].position if found else int(after))
    return private(response)


@require_POST
async def say(request: HttpRequest, conversation: int) -> HttpResponse:
    """Goes on in the conversation. A script sends the same form and gets 204; the same `key` is the same message."""
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    if session is None:
        return _gone(request)
    quiet = request.headers.get("X-Requested-With") == "record"
    form = {"text": request.POST.get("text", "")}
    key = request.POST.get("key") or f"say:{uuid.uuid4()}"
    try:
        await perform(by_link(session), "say", form, key=key[:100], channel="widget", conversation=conversation)
    except Refused as refused:
        status = 503 if isinstance(refused, Busy) else 409
        if quiet:
            return private(HttpResponse(str(refused), status=status, content_type="text/plain; charset=utf-8"))
        page = await in_thread(lambda: _page(request, _case(session), session))
        return private(render(request, "record/record.html", {**page, "problem": str(refused), "draft": form["text"]}, status=status))
    return private(HttpResponse(status=204) if quiet else redirect(f"/r/{conversation}/#go-on"))


@require_POST
async def save(request: HttpRequest, conversation: int, format_name: str) -> HttpResponse | StreamingHttpResponse:
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    if session is None:
        return _gone(request)
    return await saved(request, by_link(session), conversation, format_name, channel="system")


@require_POST
def sign_out(request: HttpRequest, conversation: int) -> HttpResponse:
    """Closes the record in this browser; the link itself goes on working."""
    session = links.session_of(request.COOKIES, conversation)
    return _left(request, session.row if session else 0, "You are signed out of this link. It still works: open it from the mail again.")


@require_POST
async def cancel(request: HttpRequest, conversation: int) -> HttpResponse:
    session = await in_thread(links.session_of, request.COOKIES, conversation)
    if session is None:
        return _gone(request)
    await in_thread(links.cancel, session.row)
    body = LinkRevoked(by=session.name, link=session.link)
    fact = Fact(conversation=conversation, body=body, actor=session.ref, channel="system", key=f"revoked:{session.row}")
    await append(Command(facts=(fact,)))
    return _left(request, session.row, "The link is cancelled. Nobody can open your record with it any more.")


def _case(session: LinkSession) -> Case:
    return enter(by_link(session), session.conversation)


def _page(request: HttpRequest, case: Case, session: LinkSession) -> dict[str, Any]:
    clock = Clock(case.site.zone)
    found, names, asked_until = shown.thread(case.conversation, ref=session.ref, clock=clock)
    tab = request.GET.get("show", "all")
    tab = tab if tab in shown.TABS else "all"
    notes = request.GET.get("notes") != "hide"
    wanted = [(e, n) for e, n in zip(found, names, strict=True) if (tab in ("all", e.tab)) and (notes or not e.team)]
    count = shown.counts(found)
    state = case.state
    return {
        "site": case.site,
        "case": case,
        "state": state,
        "session": session,
        "conversation": str(case.conversation),
        "position": found[-1].position if found else 0,
        "broken": check(case.conversation),
        "digest": case.head.seal.hex(),
        "entry_count": len(found),
        "tabs": [
            {"name": name, "label": label, "count": count[name], "icon": shown.TAB_ICONS.get(name, "")}
            for name, label in shown.TABS.items()
        ],
        "tab": tab,
        "notes": notes,
        "has_notes": any(e.team for e in found),
        "days": shown.days([e for e, _ in wanted], [n for _, n in wanted]),
        "promises": [{"promise": p, "due": clock.date(p.due)} for p in state.commitments],
        "closed_on": clock.date(state.touched_at) if state.status == "closed" else "",
        "kept_until": clock.plain_date(max(state.touched_at + case.site.keep_days * DAY, asked_until)),
        "link_until": clock.plain_date(int(session.until.timestamp()) * 1_000_000),
        "formats": list(formats().values()),
        "key": f"say:{uuid.uuid4()}",
    }


def _gone(request: HttpRequest) -> HttpResponse:
    """One answer for what does not exist, is somebody else's, or is not open in this browser."""
    problem = "This record is not open in this browser. Open it with the link from your mail."
    return private(render(request, "record/door.html", {"problem": problem}, status=404))


def _left(request: HttpRequest, row: int, words: str) -> HttpResponse:
    response = render(request, "record/door.html", {"notice": words})
    value = links.without_link(request.COOKIES, row)
    if value:
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_cookie(links.COOKIE, value, max_age=links.COOKIE_LASTS, httponly=True, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(links.COOKIE, samesite="Lax")
    return private(response)
