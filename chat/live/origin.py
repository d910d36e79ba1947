"""From where a request comes: whether its page is ours, and the network it belongs to for limits. Knows no session."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

Scope = Mapping[str, Any]


def header(scope: Scope, name: bytes) -> str:
    """The last value of a header, or an empty text."""
    return next((value.decode("latin-1") for key, value in reversed(scope.get("headers", ())) if key == name), "")


def allowed(scope: Scope) -> bool:
    """Whether a browser's Origin is our own or an allowed one. Programs send none; they have no cookies to misuse."""
    origin = header(scope, b"origin")
    return not origin or is_ours(origin, host=header(scope, b"host"))


def is_ours(origin: str, *, host: str) -> bool:
    if origin in settings.ALLOWED_ORIGINS:
        return True
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if parts.netloc == urlsplit(settings.PUBLIC_URL).netloc:
        return True
    # The Host header alone proves nothing: a rebound name would match itself. It must be one of ours as well.
    return parts.netloc == host and validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)


def network(scope: Scope) -> str:
    """The /24 (IPv4) or /64 (IPv6) of the client; behind trusted proxies the address they saw."""
    client = scope.get("client") or ("", 0)
    address = str(client[0])
    if settings.TRUSTED_PROXIES:
        seen = [part.strip() for part in header(scope, b"x-forwarded-for").split(",") if part.strip()]
        if len(seen) >= settings.TRUSTED_PROXIES:
            address = seen[-settings.TRUSTED_PROXIES]
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
