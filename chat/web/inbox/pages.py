"""The inbox's page, and the few answers it needs beside the live socket: who may take over, what came before, jump to a case."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from chat.actions.access import Case, enter
from chat.ledger import keeping, queues, read
from chat.ledger.append import NoSuchConversation
from chat.live import who
from chat.live.opening import NO_BODIES
from chat.people import pausing
from chat.people.models import Agent
from chat.transcripts.offered import offers
from chat.web.inbox import chain, find
from chat.web.inbox.agents import for_agents, sites_of, team

PLACES = frozenset({*queues.QUEUES, "queues"})
"""What may stand after /inbox/: a queue, or the list of queues that a phone shows as a page of its own."""


@for_agents
def inbox(request: HttpRequest, place: str = "mine") -> HttpResponse:
    if place not in PLACES:
        raise Http404("There is no such queue.")
    return _shell(request)


@for_agents
def conversation(request: HttpRequest, conversation: int) -> HttpResponse:
    _entered(request, conversation)
    return _shell(request)


@for_agents
def beside(request: HttpRequest, conversation: int) -> HttpResponse:
    """What stands beside the thread: the record's chain and end date, and the customer's other conversations.

    `?chain=check` walks the chain whatever its length.
    """
    case = _entered(request, conversation)
    before = [_before(head, case) for head in read.conversations_of(case.state.customer.ref, limit=20)]
    return JsonResponse(
        {
            "case": case.case_number,
            "entries": case.head.position,
            "chain": chain.told(case.conversation, case.head.position, anew=request.GET.get("chain") == "check"),
            "zone": case.site.zone,
            "kept_until": keeping.ends_at(case.state, keep_days=case.site.keep_days),
            "held": bool(case.state.hold),
            "paused": pausing.paused(case.site.pk, case.state.customer.address),
            "before": [row for row in before if row],
        }
    )


@for_agents
def colleagues(request: HttpRequest) -> HttpResponse:
    """Who may take over, with how many open conversations each has."""
    agent = _agent(request)
    sites = sites_of(agent)
    found = team(sites)
    numbers = queues.lengths([("mine", row["ref"]) for row in found], sites=[site.pk for site in sites])
    for row, number in zip(found, numbers, strict=True):
        row["open"] = number
    return JsonResponse({"team": [row for row in found if row["ref"] != agent.ref and row["role"] != "analyst"]})


@for_agents
def jump(request: HttpRequest) -> HttpResponse:
    """Conversations for a few typed words: a case number, a name, an address, something that was said. `below` asks for older ones."""
    agent = _agent(request)
    below = request.GET.get("below", "")
    found = find.conversations(
        sites_of(agent), request.GET.get("q", ""), role=agent.role, below=int(below[:18]) if below.isdecimal() else None
    )
    return JsonResponse({"found": found.rows, "older": str(found.older) if found.older is not None else ""})


def _shell(request: HttpRequest) -> HttpResponse:
    agent = _agent(request)
    sites = sites_of(agent)
    boot = {
        "doubtful_mail": _address_of("quarantine"),
        "waiting_mail": _address_of("mail-waiting-state") if agent.role in ("lead", "admin") else "",
        "me": {"ref": agent.ref, "name": agent.name, "role": agent.role},
        "formats": [{"name": o.name, "label": o.label, "archive": o.archive} for o in offers()],
        "sites": [{"key": s.key, "name": s.name, "hue": s.hue, "zone": s.zone, "away_after": s.away_after} for s in sites],
    }
    return render(request, "inbox/inbox.html", {"boot": boot, "modules": _modules()})


def _address_of(page: str) -> str:
    """Where another room's page stands; empty in a house without that room."""
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""


@cache
def _modules() -> list[str]:
    """Every module of the inbox, so that the browser asks for all at once instead of finding one behind the other."""
    entrance = finders.find("inbox/app.js")
    assert isinstance(entrance, str), "static/inbox/app.js is missing."
    room = Path(entrance).parent
    return sorted(f"inbox/{path.relative_to(room)}" for path in room.rglob("*.js") if path.name != "setup.js")


def _agent(request: HttpRequest) -> Agent:
    assert isinstance(request.user, Agent)
    return request.user


def _entered(request: HttpRequest, conversation: int) -> Case:
    try:
        return enter(who.agent(_agent(request)), conversation)
    except NoSuchConversation as problem:
        raise Http404(str(problem)) from problem


def _before(head: read.Head, case: Case) -> dict[str, Any] | None:
    # The same person may have written to another brand; what they wrote there is not this team's to read.
    if head.conversation == case.conversation or head.site != case.head.site:
        return None
    state = head.state
    return {
        "conversation": str(head.conversation),
        "case": case.site.case(head.number),
        "subject": "" if case.who.role in NO_BODIES else state.subject,
        "status": state.status,
        "channel": state.channel,
        "by": state.assignee_name,
        "at": head.last_at,
    }
