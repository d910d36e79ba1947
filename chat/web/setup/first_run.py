"""The first run: while no agent exists, one page makes the shop and its administrator. Afterwards that page is gone for good."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest

from chat.people.keys import key_for
from chat.people.models import Agent, Site


class AlreadyDone(Exception):
    """Somebody else was first."""


def needed() -> bool:
    """True as long as nobody can sign in."""
    return not Agent.objects.exists()


def setup_code() -> str:
    """The code that the server prints on its console; 60 bits, so it cannot be guessed. It is worth nothing once an agent exists."""
    digest = hmac.digest(key_for("setup-code"), b"first run", hashlib.sha256)
    letters = base64.b32encode(digest).decode().lower()[:12]
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def code_matches(typed: str) -> bool:
    tidy = "".join(typed.lower().replace("-", " ").split())
    return hmac.compare_digest(tidy.encode(), setup_code().replace("-", "").encode())


def code_needed(request: HttpRequest) -> bool:
    """Who sits at the machine itself in development needs no code. A proxy on the same machine would make everybody look so."""
    if settings.PRODUCTION or settings.TRUSTED_PROXIES or request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return True
    try:
        return not ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return True


def begin(*, name: str, email: str, password: str, site: Site) -> Agent:
    """Make the site and its first administrator, together or not at all. Raises AlreadyDone if an agent exists."""
    with transaction.atomic():
        # A row that always exists, locked so that of two people who press the button at once only one goes on.
        list(ContentType.objects.select_for_update().filter(app_label="chat", model="agent"))
        if not needed():
            raise AlreadyDone("The first run is over: somebody can sign in already.")
        site.save()
        agent = Agent.objects.create_user(email, password, name=name, role="admin")
        agent.sites.add(site)
    return agent
