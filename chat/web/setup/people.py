"""People, for administrators: find one, hand out everything about them (GDPR Art. 15 and 20), erase them with a second person (Art. 17).

What was said stays unseen here; the records themselves are opened in the inbox.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat.actions import erasing
from chat.actions.access import Who
from chat.actions.action import perform
from chat.events.erasure import GROUNDS, CrossingProposed
from chat.ledger import read
from chat.ledger.append import Refused
from chat.ledger.read import Head, in_thread
from chat.live.who import agent as as_agent
from chat.people import found
from chat.people.found import Person
from chat.people.models import Agent, Site
from chat.transcripts import everything
from chat.transcripts.everything import Contents
from chat.transcripts.streaming import streamed

MOST = 1000
"""Records of one person, the latest."""


@require_GET
@never_cache
async def people(request: HttpRequest, key: str) -> HttpResponse:
    _, site = await _admin(request, key)
    words = request.GET.get("q", "")[:254]
    rows = await in_thread(found.find, site, words)
    return render(request, "setup/people.html", {"site": site, "q": words, "people": rows, "full": len(rows) == found.MOST})


@require_GET
@never_cache
async def person(request: HttpRequest, key: str, number: int) -> HttpResponse:
    me, site = await _admin(request, key)
    return render(request, "setup/person.html", await in_thread(_page, me, site, number))


@require_POST
async def propose(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A proposal in every record of theirs; nothing happens until a second person agrees."""
    me, site = await _admin(request, key)
    one = await in_thread(_one, site, number)
    form = {"ground": request.POST.get("ground", ""), "reason": request.POST.get("reason", ""), "entry": 0, "person": one.ref}
    try:
        for head in await in_thread(_records, site, one):
            if one.ref not in [p.person for _, p in await in_thread(_proposals, head)]:
                await _do(me, "propose_crossing", form, head, f"{one.ref}:{head.position}")
    except Refused as refusal:
        return await _again(request, me, site, number, str(refusal))
    return redirect("setup-person", key=site.key, number=number)


@require_POST
async def answer(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The second person agrees, or anybody declines: in every record where it is proposed."""
    me, site = await _admin(request, key)
    one = await in_thread(_one, site, number)
    action = "agree_crossing" if request.POST.get("what") == "agree" else "decline_crossing"
    try:
        for head in await in_thread(_records, site, one):
            for position, proposal in await in_thread(_proposals, head):
                if proposal.person == one.ref:
                    await _do(me, action, {"proposal": position}, head, f"{action}:{position}")
    except Refused as refusal:
        return await _again(request, me, site, number, str(refusal))
    return redirect("setup-person", key=site.key, number=number)


@require_POST
async def export(request: HttpRequest, key: str, number: int) -> HttpResponseBase:
    """Everything about them in one archive, as they would get it themselves; each record notes that it was taken."""
    me, site = await _admin(request, key)
    one = await in_thread(_one, site, number)
    made_at = time.time_ns() // 1000
    taken = await in_thread(
        lambda: [(head.conversation, erasing.note_export(head, made_at=made_at, by=me.name, actor=me.ref)) for head in _records(site, one)]
    )
    contents = Contents(conversations=tuple(taken), made_at=made_at, zone=site.zone)
    pieces = everything.write(contents, extra={"person.json": found.told(one)})
    headers = {"Content-Disposition": f'attachment; filename="person-{one.number}.zip"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(streamed(pieces, heavy=True), content_type="application/zip", headers=headers)


async def _admin(request: HttpRequest, key: str) -> tuple[Who, Site]:
    user = await request.auser()
    if not isinstance(user, Agent) or user.role != "admin" or not user.is_active:
        raise PermissionDenied("Only administrators look for people.")
    site = await Site.objects.filter(key=key).afirst()
    if site is None:
        raise Http404("There is no such site.")
    return await in_thread(as_agent, user), site


async def _do(me: Who, action: str, form: dict[str, Any], head: Head, key: str) -> int:
    receipt = await perform(me, action, form, key=f"people:{key}"[:100], channel="inbox", conversation=head.conversation)
    return receipt.position


async def _again(request: HttpRequest, me: Who, site: Site, number: int, problem: str) -> HttpResponse:
    page = await in_thread(_page, me, site, number)
    return render(request, "setup/person.html", {**page, "problem": problem}, status=409)


def _one(site: Site, number: int) -> Person:
    one = found.one(site, number)
    if one is None:
        raise Http404("There is no such person.")
    return one


def _records(site: Site, one: Person) -> list[Head]:
    return [head for head in read.conversations_of(one.ref, limit=MOST) if head.site == site.pk]


def _proposals(head: Head) -> list[tuple[int, CrossingProposed]]:
    entries = ((position, read.entry(head.conversation, position)) for position in head.state.proposals)
    return [(position, entry.body) for position, entry in entries if entry is not None and isinstance(entry.body, CrossingProposed)]


def _page(me: Who, site: Site, number: int) -> dict[str, Any]:
    one = _one(site, number)
    records = _records(site, one)
    waiting = [p for head in records for _, p in _proposals(head) if p.person == one.ref]
    return {
        "site": site,
        "person": one,
        "records": [{"case": site.case(head.number), "state": head.state, "own": head.state.customer.ref == one.ref} for head in records],
        "holds": [site.case(head.number) for head in records if head.state.hold],
        "waiting": waiting[0] if waiting else None,
        "mine": any(p.proposed_by == me.ref for p in waiting),
        "grounds": GROUNDS,
    }
