"""The page of mail that is on its way and waits: leads and administrators see what was said about it, send it now, or give it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from chat.ledger import deliveries
from chat.ledger.append import Refused, append_sync
from chat.ledger.deliveries import Stuck
from chat.people.models import Agent, Site
from mailgateway import channel
from mailgateway.sending import became, stuck

PAGE = 50
ROLES = frozenset({"lead", "admin"})
View = Callable[..., HttpResponse]


@require_GET
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    sites = _sites(_agent(request))
    after = request.GET.get("after", "")
    rows = stuck.listed(sites, after=int(after[:18]) if after.isdecimal() else 0, limit=PAGE + 1)
    more = rows[PAGE - 1].row if len(rows) > PAGE else None
    return render(request, "mailbox/waiting.html", {"mails": rows[:PAGE], "more": more, "trouble": stuck.trouble_lately()})


@require_GET
@login_required
def state(request: HttpRequest) -> HttpResponse:
    """What the inbox asks from time to time: whether mail is stuck, and where to look."""
    _agent(request)
    try:
        words = stuck.trouble_lately()
    except DatabaseError:
        words = ""
    return JsonResponse({"trouble": words, "page": reverse("mail-waiting")})


@require_POST
@login_required
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """One mail: send it now, or give it up."""
    agent = _agent(request)
    found = deliveries.waiting_row(number, channel.NAME, sites=[site.pk for site in _sites(agent)])
    if found is None:
        messages.success(request, "It is no longer waiting.")
    elif found.in_hand:
        messages.error(request, "It is being sent at this moment. Look again soon.")
    elif request.POST.get("what") == "give-up":
        _give_up(request, agent, found)
    else:
        deliveries.at_once([number])
        messages.success(request, "It is tried now.")
    return redirect("mail-waiting")


@require_POST
@login_required
def all_now(request: HttpRequest) -> HttpResponse:
    """Everything that waits, now: say, after the relay was set right. Only as much as a page shows at once."""
    rows = stuck.listed(_sites(_agent(request)), limit=PAGE)
    tried = deliveries.at_once([row.row for row in rows])
    messages.success(request, f"{tried} mails are tried now.")
    return redirect("mail-waiting")


def _give_up(request: HttpRequest, agent: Agent, found: Stuck) -> None:
    try:
        append_sync(became.given_up(found.parcel, to=stuck.address_of(found), by=agent.ref, name=agent.public_name))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is tried no more. The conversation says so.")


def _agent(request: HttpRequest) -> Agent:
    agent: Any = request.user
    if not isinstance(agent, Agent) or agent.role not in ROLES:
        raise PermissionDenied("Mail that waits is for team leads and administrators.")
    return agent


def _sites(agent: Agent) -> list[Site]:
    sites = Site.objects.all() if agent.role == "admin" else agent.sites.all()
    return list(sites.order_by("pk"))


urlpatterns = [
    path("mailbox/waiting/", mails, name="mail-waiting"),
    path("mailbox/waiting/state", state, name="mail-waiting-state"),
    path("mailbox/waiting/all", all_now, name="mail-waiting-all"),
    path("mailbox/waiting/<int:number>", decide, name="mail-waiting-decide"),
]
