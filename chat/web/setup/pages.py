"""The pages of setting up: first run, snippet, mail, team, a site's settings. They know sites and agents, and no conversation."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from chat.people.models import Agent, Site
from chat.web.setup import first_run
from chat.web.setup.forms import FirstRun, NewAgent, NewPassword, SiteSettings

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
View = Callable[..., HttpResponseBase]


def for_admins(view: View) -> View:
    """Only administrators, and the site that the address names."""

    @wraps(view)
    @never_cache
    @login_required
    def guarded(request: HttpRequest, key: str) -> HttpResponseBase:
        if getattr(request.user, "role", "") != "admin":
            raise PermissionDenied("Only administrators set up the shop.")
        site = get_object_or_404(Site, key=key)
        return view(request, site)

    return guarded


@sensitive_post_parameters("password", "code")
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Step 1: the shop and its first administrator. Gone once an agent exists."""
    if not first_run.needed():
        if not request.user.is_authenticated:
            return redirect("account_login")
        site = Site.objects.order_by("pk").first()
        if site is None:
            raise Http404("There is no shop yet.")
        return redirect("setup-widget", key=site.key)
    form = FirstRun(request.POST or None, code_needed=first_run.code_needed(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        site = form.site()
        try:
            agent = first_run.begin(name=data["name"], email=data["email"], password=data["password"], site=site)
        except first_run.AlreadyDone:
            return redirect("account_login")
        login(request, agent, backend=BACKEND)
        return redirect("setup-widget", key=site.key)
    return render(request, "setup/begin.html", {"form": form, "step": 1})


@for_admins
def widget(request: HttpRequest, site: Site) -> HttpResponse:
    """Step 2: the snippet, and the proof that it was seen."""
    return _page(request, site, "setup/widget.html", step=2, source=f"{settings.PUBLIC_URL}/widget.js", seen=_seen(site))


@for_admins
def seen(request: HttpRequest, site: Site) -> HttpResponse:
    """Where the widget was seen last, for the page that waits for it."""
    return JsonResponse(_seen(site))


@for_admins
def mail(request: HttpRequest, site: Site) -> HttpResponse:
    """Step 3: the shop's mail address, how mail comes in and goes out, and the proof that it does."""
    return mail_page(request, site)


@sensitive_post_parameters()
@for_admins
def team(request: HttpRequest, site: Site) -> HttpResponse:
    """Step 4: who answers. A new agent's password is shown in this answer and nowhere else."""
    form = NewAgent(request.POST or None)
    made: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(12)
        data = form.cleaned_data
        agent = Agent.objects.create_user(data["email"], password, name=data["name"], role=data["role"])
        agent.sites.add(site)
        made = {"name": agent.name, "email": agent.email, "password": password}
        form = NewAgent()
    agents = Agent.objects.filter(sites=site).order_by("name")
    return _page(request, site, "setup/team.html", step=4, form=form, made=made, agents=agents, sign_in=f"{settings.PUBLIC_URL}/sign-in/")


@for_admins
def site_settings(request: HttpRequest, site: Site) -> HttpResponse:
    form = SiteSettings(request.POST or None, instance=site)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"/setup/site/{site.key}/?saved=1")
    return _page(request, site, "setup/site.html", form=form, saved="saved" in request.GET)


@sensitive_post_parameters()
@never_cache
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Your own password."""
    assert isinstance(request.user, Agent)
    form = NewPassword(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        return redirect("/setup/password/?saved=1")
    return render(request, "setup/password.html", {"form": form, "saved": "saved" in request.GET})


def mail_page(request: HttpRequest, site: Site, **more: Any) -> HttpResponse:
    """The same for the room that proves it: `steps` is what it found."""
    separator, domain = settings.MAIL_SEPARATOR, settings.MAIL_REPLY_DOMAIN
    doors = {
        "smtp_port": settings.SMTP_PORT,
        "lmtp": settings.LMTP if isinstance(settings.LMTP, str) else ":".join(map(str, settings.LMTP or ())),
        "imap": f"{settings.IMAP_USER} at {settings.IMAP[0]}" if settings.IMAP else "",
        "hooks": [f"{settings.PUBLIC_URL}/mail/hooks/{provider}/" for provider in settings.MAIL_HOOKS],
    }
    address = f"{site.mail_base}@{settings.MAIL_DOMAIN}"
    replies = f"…@{domain}" if domain else "" if separator == "none" else f"{site.mail_base}{separator}…@{settings.MAIL_DOMAIN}"
    return _page(request, site, "setup/mail.html", step=3, address=address, replies=replies, relay=settings.RELAY, **doors, **more)


def _page(request: HttpRequest, site: Site, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {"site": site, **context})


def _seen(site: Site) -> dict[str, Any]:
    return {"on": site.widget_seen_on, "at": site.widget_seen_at}
