"""Jump to a conversation by case number, or by its customer's name or address. Reads no message: bodies are not searched here."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q

from chat.ledger import read
from chat.live.opening import NO_BODIES
from chat.people.models import Customer, Site

MOST = 12
_CASE = re.compile(r"^\s*(?:([A-Za-z]{1,8})-)?(\d{1,12})\s*$")


def conversations(sites: list[Site], words: str, *, role: str) -> list[dict[str, Any]]:
    """At most MOST conversations of these sites, the latest first."""
    words = " ".join(words.split())[:120]
    if not words:
        return []
    by_id = {site.pk: site for site in sites}
    heads = _by_number(sites, words) or _by_person(sites, words)
    return [_row(head, by_id[head.site], role) for head in heads if head.site in by_id][:MOST]


def _by_number(sites: list[Site], words: str) -> list[read.Head]:
    match = _CASE.match(words)
    if not match:
        return []
    prefix, number = match.groups()
    fitting = [site for site in sites if not prefix or site.prefix.lower() == prefix.lower()]
    return [head for site in fitting if (head := read.by_number(site.pk, int(number)))]


def _by_person(sites: list[Site], words: str) -> list[read.Head]:
    person = Q(name__icontains=words) | Q(addresses__address__startswith=words.lower())
    people = Customer.objects.filter(person, site__in=sites).distinct().order_by("-pk")[:MOST]
    heads = [head for customer in people for head in read.conversations_of(customer.ref, limit=MOST)]
    return sorted(heads, key=lambda head: head.last_at, reverse=True)


def _row(head: read.Head, site: Site, role: str) -> dict[str, Any]:
    state = head.state
    return {
        "conversation": str(head.conversation),
        "case": site.case(head.number),
        "who": state.customer.name or state.customer.address,
        # First words of a customer; the page shows the case number where there is none.
        "subject": "" if role in NO_BODIES else state.subject,
        "status": state.status,
        "channel": state.channel,
        "at": head.last_at,
    }
