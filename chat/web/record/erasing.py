"""The customer has their record erased: a fresh code, a week to take it back, then it is gone. Draws nothing of the record itself."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from chat.actions import erasing
from chat.actions.access import Case
from chat.actions.words import optional
from chat.ledger.append import Refused, append
from chat.ledger.read import in_thread
from chat.people import codes
from chat.people.links import LinkSession
from chat.people.models import Link
from chat.transcripts.clock import Clock
from chat.web.record.entrance import TOO_MANY, WRONG, entered, private

PENDING = "erasure_code"
"""Where the server-side session keeps what was mailed and not yet given back."""
GONE = "This record is not open in this browser. Open it with the link from your mail."
ELSEWHERE = "This is open by a link that anybody may hold. Ask for it in the chat, in the browser you wrote from."
CANNOT = "No code can be mailed now. Try again later, or answer one of our mails."


@require_POST
async def ask(request: HttpRequest, conversation: int) -> HttpResponse:
    """Mails the code. Where no address is known there is nowhere to send one: the browser that chatted decides, not who holds its link."""
    found = await in_thread(_entered, request, conversation)
    if found is None:
        return _said(request, "record/door.html", {"problem": GONE}, status=404)
    session, case = found
    if not case.state.customer.address:
        if await Link.objects.filter(pk=session.row, bearer=True).aexists():
            return _said(request, "record/erase.html", {**_about(case), "problem": ELSEWHERE, "over": True}, status=403)
        return await _ask(request, case)
    return await in_thread(_mail_code, request, session, case)


@require_POST
async def code(request: HttpRequest, conversation: int) -> HttpResponse:
    """The code comes back, and with it perhaps some words: from now on the wait runs."""
    found = await in_thread(_entered, request, conversation)
    if found is None:
        return _said(request, "record/door.html", {"problem": GONE}, status=404)
    session, case = found
    if not await in_thread(_matches, request, session):
        return _said(request, "record/erase.html", {**_about(case), "problem": WRONG}, status=403)
    return await _ask(request, case)


@require_POST
async def withdraw(request: HttpRequest, conversation: int) -> HttpResponse:
    """Takes the wish back; no code, because nothing is lost by it."""
    found = await in_thread(_entered, request, conversation)
    if found is None:
        return _said(request, "record/door.html", {"problem": GONE}, status=404)
    _, case = found
    try:
        await append(erasing.withdrawn(case, key=_key(request)))
    except Refused as refusal:
        return _said(request, "record/erase.html", {**_about(case), "problem": str(refusal), "over": True}, status=409)
    return _back(request, conversation)


async def _ask(request: HttpRequest, case: Case) -> HttpResponse:
    now = time.time_ns() // 1000
    day = Clock(case.site.zone).plain_date(now + erasing.WAIT)
    try:
        words = optional(request.POST.get("words", ""), "words", most=2000)
        await append(erasing.asked(case, words=words, day=day, now=now, key=_key(request)))
    except Refused as refusal:
        return _said(request, "record/erase.html", {**_about(case), "problem": str(refusal), "over": True}, status=409)
    return _back(request, case.conversation)


def _entered(request: HttpRequest, conversation: int) -> tuple[LinkSession, Case] | None:
    found = entered(request, conversation)
    # Others who were let in by a link read along; whose record it is, the customer alone decides.
    return found if found and found[1].state.customer.ref == found[0].ref else None


def _mail_code(request: HttpRequest, session: LinkSession, case: Case) -> HttpResponse:
    to = case.state.customer.address
    try:
        kept = codes.send(_purpose(session), site=case.site.pk, to=to, case_number=case.case_number) if codes.can_send() else {}
    except OSError:
        kept = {}
    if not kept:
        problem, status = (TOO_MANY, 429) if kept is None else (CANNOT, 503)
        return _said(request, "record/erase.html", {**_about(case), "problem": problem, "over": True}, status=status)
    request.session[PENDING] = {**kept, "link": session.row}
    return _said(request, "record/erase.html", _about(case))


def _matches(request: HttpRequest, session: LinkSession) -> bool:
    pending = request.session.get(PENDING)
    if not pending or pending["link"] != session.row:
        return False
    return codes.given_back(request.session, PENDING, _purpose(session), request.POST.get("code", ""))


def _purpose(session: LinkSession) -> str:
    return f"erase:{session.link}"


def _key(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:100] or str(uuid.uuid4())


def _about(case: Case) -> dict[str, Any]:
    return {
        "site": case.site,
        "case": case,
        "conversation": str(case.conversation),
        "to": codes.masked(case.state.customer.address) if case.state.customer.address else "",
        "days": erasing.WAIT // (86_400 * 1_000_000),
    }


def _said(request: HttpRequest, template: str, about: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return private(JsonResponse({"to": about.get("to", ""), "problem": about.get("problem", "")}, status=status))
    return private(render(request, template, dict(about), status=status))


def _back(request: HttpRequest, conversation: int) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return private(JsonResponse({"done": True}))
    return private(redirect(f"/r/{conversation}/"))
