"""Find conversations: by case number, and by words that were said or that say who the customer is, the newest first.

Shows of a conversation what its row in a queue shows, and no line that was found: reading one is opening, which is written down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chat.ledger import read
from chat.ledger.search import search
from chat.live.opening import NO_BODIES
from chat.people.models import Site

MOST = 12
_CASE = re.compile(r"^\s*(?:([A-Za-z]{1,8})-)?(\d{1,12})\s*$")


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[dict[str, Any]]
    older: int | None
    """To ask on with; None if there is nothing older."""


def conversations(sites: list[Site], words: str, *, role: str, below: int | None = None) -> Found:
    """At most MOST conversations of these sites, and the one with this very number before them."""
    words = words[:200]
    by_id = {site.pk: site for site in sites}
    named = _by_number(sites, words) if below is None else []
    finds = search(words, sites=list(by_id), who_only=role in NO_BODIES, below=below, limit=MOST)
    heads = read.heads([hit.conversation for hit in finds.hits])
    rows = [_row(head, by_id[head.site], role, head.last_at) for head in named]
    already = {head.conversation for head in named}
    for hit in finds.hits:
        head = heads.get(hit.conversation)
        if head is not None and head.site in by_id and head.conversation not in already:
            rows.append(_row(head, by_id[head.site], role, hit.at))
    return Found(rows, finds.older)


def _by_number(sites: list[Site], words: str) -> list[read.Head]:
    match = _CASE.match(words)
    if not match:
        return []
    prefix, number = match.groups()
    fitting = [site for site in sites if not prefix or site.prefix.lower() == prefix.lower()]
    return [head for site in fitting if (head := read.by_number(site.pk, int(number)))]


def _row(head: read.Head, site: Site, role: str, at: int) -> dict[str, Any]:
    state = head.state
    return {
        "conversation": str(head.conversation),
        "case": site.case(head.number),
        "who": state.customer.name or state.customer.address,
        # First words of a customer; the page shows the case number where there is none.
        "subject": "" if role in NO_BODIES else state.subject,
        "status": state.status,
        "channel": state.channel,
        "at": at,
    }
