"""Who is there: from a visitor's token or an agent's sign-in cookie to somebody who may act. Knows no socket."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from chat.actions.access import Who
from chat.people import visitors
from chat.people.links import LinkSession
from chat.people.models import Agent, Site
from chat.people.visitors import Visitor


def visitor(known: Visitor) -> Who:
    """A visitor of a site; their customer row, and with it the ref, exists from the first conversation on."""
    row = visitors.customer_of(known)
    return Who(
        ref=row.ref if row else "",
        name=row.name if row else "",
        side="customer",
        sites=frozenset({known.site}),
        visitor=known.digest,
    )


def by_link(session: LinkSession) -> Who:
    """The participant whose link this browser opened: that conversation and no other."""
    return Who(ref=session.ref, name=session.name, side="customer", only=session.conversation)


def agent(row: Agent) -> Who:
    """An agent with the sites they work for; administrators see all."""
    sites = Site.objects.all() if row.role == "admin" else row.sites.all()
    return Who(ref=row.ref, name=row.public_name, side="agents", role=row.role, sites=frozenset(sites.values_list("pk", flat=True)))


def signed_in(cookies: Mapping[str, str]) -> Agent | None:
    """The agent whose session this is, if it is still good."""
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(cast(HttpRequest, SimpleNamespace(session=store)))
    return user if isinstance(user, Agent) and user.is_active else None


def cookies_in(scope: Mapping[str, Any]) -> dict[str, str]:
    """Cookies of a handshake; a cookie we cannot read is none."""
    jar: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        if name != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            try:
                jar.update({key: morsel.value for key, morsel in SimpleCookie(part.strip()).items()})
            except CookieError:
                continue
    return jar
