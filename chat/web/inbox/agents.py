"""Which sites an agent works for, and who else answers for them. Knows no conversation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from chat.live import who
from chat.people.models import Agent, Site

View = Callable[..., HttpResponse]


def sites_of(agent: Agent) -> list[Site]:
    """The sites an agent may enter: the same that the live socket lets them into."""
    return list(Site.objects.filter(pk__in=who.agent(agent).sites).order_by("pk"))


def team(sites: list[Site]) -> list[dict[str, Any]]:
    """Everybody who answers for these sites, by name."""
    agents = Agent.objects.filter(sites__in=sites, is_active=True).distinct().order_by("name")
    return [{"ref": agent.ref, "name": agent.public_name, "role": agent.role, "away": agent.away} for agent in agents]


def for_agents(view: View) -> View:
    """Only for people who are signed in; others go to sign-in and come back."""

    @wraps(view)
    @never_cache
    @login_required
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        return view(request, *arguments, **named)

    return guarded
