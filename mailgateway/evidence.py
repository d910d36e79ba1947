"""Whether a mail's author is who the From line says, asked only where something hangs on it. Holds the DNS lookup; tests give their own."""

from __future__ import annotations

from dkim.dnsplug import get_txt  # type: ignore[import-untyped]  # it ships no types

from mailgateway import authentication
from mailgateway.authentication import Authentication, DnsFunction

_dns: list[DnsFunction] = [get_txt]


def look_up_with(dnsfunc: DnsFunction) -> DnsFunction:
    """Ask `dnsfunc` from now on; gives the one before."""
    before = _dns[0]
    _dns[0] = dnsfunc
    return before


def of(raw: bytes, from_address: str) -> Authentication:
    """May wait for DNS: call it on a thread."""
    return authentication.check(raw, from_address=from_address, dnsfunc=_dns[0])
