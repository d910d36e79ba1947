"""Whether the server that brought a mail may send for its envelope's domain (SPF, RFC 7208), by pyspf over our own lookups."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

import spf  # type: ignore[import-untyped]  # it ships no types

from mailgateway.proof import domains
from mailgateway.proof.lookups import Lookups, Unanswered

NONE, PASS, NEUTRAL, TEMPERROR, PERMERROR = "none", "pass", "neutral", "temperror", "permerror"
_INSIDE = tuple(
    ipaddress.ip_network(net)
    for net in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8"),
        *("::1/128", "::/128", "fc00::/7", "fe80::/10"),
    )
)
_RESULTS = frozenset({PASS, "fail", "softfail", NEUTRAL, NONE, TEMPERROR, PERMERROR})


@dataclass(frozen=True, slots=True)
class Path:
    """`result` is a word of RFC 7208 section 2.6; `domain` the one it speaks of: MAIL FROM's, for the null sender that of HELO."""

    result: str = NONE
    domain: str = ""
    why: str = ""


def check(peer: str, sender: str, greeting: str, lookups: Lookups) -> Path:
    """`peer` is the address of the server outside; nothing can be said where it is empty, or an address of our own networks."""
    if not outside(peer):
        return Path(why="the server that brought it is not known")
    domain = domains.of_address(sender) if sender else domains.plain(greeting)
    if not domain:
        return Path(why="its envelope names no domain")
    local = sender.rpartition("@")[0] if sender else "postmaster"
    # What cannot stand in a name does not belong into macros; SPF is about the domain.
    local = local if local.isascii() and local.isprintable() and len(local) <= 64 else "postmaster"
    try:
        query = _Query(peer, f"{local}@{domain}", domains.plain(greeting) or domain, lookups)
        result, _, _ = query.check()
    except Exception as problem:  # strangers' records reach the library here
        return Path(PERMERROR, domain, f"its record cannot be read ({type(problem).__name__})")
    if result == PASS and query.everybody:
        return Path(NEUTRAL, domain, "its record allows every server there is")
    return Path(result if result in _RESULTS else PERMERROR, domain, _why(result, query))


def outside(peer: str) -> bool:
    """Whether an address is none of those that are used within networks."""
    try:
        found = ipaddress.ip_address(peer.removeprefix("IPv6:").strip("[]"))
    except ValueError:
        return False
    address = getattr(found, "ipv4_mapped", None) or found
    return not any(address in net for net in _INSIDE)


class _Query(spf.query):  # type: ignore[misc]
    """pyspf with our lookups instead of its own."""

    def __init__(self, peer: str, sender: str, greeting: str, lookups: Lookups) -> None:
        super().__init__(i=peer.removeprefix("IPv6:").strip("[]"), s=sender, h=greeting)
        self._lookups = lookups

    @property
    def everybody(self) -> bool:
        """Whether it was `all`, or a network as good as that, which let the server through."""
        mechanism = str(self.mechanism or "").lstrip("+").lower()
        return mechanism == "all" or mechanism.endswith("/0")

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """Aliases are followed by the name server. Counts answers that are empty (RFC 7208 section 4.6.4)."""
        try:
            found = self._lookups.ask(str(name), qtype)
        except Unanswered as problem:
            raise spf.TempError(str(problem)) from problem
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("Too many names that are not there")
        return [(row,) for row in found] if qtype == "TXT" else list(found)


def _why(result: str, query: Any) -> str:
    problem = str(getattr(query, "prob", "") or "")
    return " ".join(problem.split())[:200] if result in (TEMPERROR, PERMERROR) else ""
