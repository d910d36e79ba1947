"""Who stands between the world and this server: front servers that are believed, and proxies that tell whom they speak for.

Knows addresses and two settings; what a front server is believed about is decided where it is read.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings

Networks = tuple[IPv4Network | IPv6Network, ...]


def trusted(peer: str) -> bool:
    """A mail server of the site's own, which has checked what it hands in: no limit of one peer holds for it."""
    return bool(settings.MAIL_FRONTS) and _within(peer, tuple(settings.MAIL_FRONTS))


def proxied(peer: str) -> bool:
    """A proxy that begins each connection with the address it speaks for, and must."""
    return bool(settings.MAIL_PROXIES) and _within(peer, tuple(settings.MAIL_PROXIES))


@lru_cache(4096)
def party(peer: str) -> str:
    """Whose connections are counted together: an IPv4 address, or an IPv6 network of 64 bits, which is what one machine gets."""
    found = _read(peer)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return str(found) if found else peer


@lru_cache(4096)
def _within(peer: str, networks: Networks) -> bool:
    found = _read(peer)
    return found is not None and any(found in network for network in networks)


def _read(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
