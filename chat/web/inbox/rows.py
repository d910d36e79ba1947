"""Lines of the inbox: how a conversation looks in a queue, in which queues it stands, and pages of a queue over several sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chat.actions.access import Who
from chat.ledger import queues
from chat.ledger.queues import QUEUES
from chat.ledger.read import Head
from chat.live.opening import NO_BODIES
from chat.people.models import Site

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[dict[str, Any]]
    next: tuple[int, str] | None


def page(name: str, *, who: Who, sites: Mapping[int, Site], after: tuple[int, int] | None) -> Page:
    """One page of a queue over all sites of an agent. Raises KeyError for an unknown queue."""
    heads, last = queues.queue(name, sites=list(sites), agent=who.ref, after=after, limit=PAGE)
    return Page(
        rows=[row(head, who=who, site=sites[head.site]) for head in heads],
        next=(last[0], str(last[1])) if last else None,
    )


def counts(who: Who, sites: Iterable[int], *, cap: int = 1000) -> dict[str, int]:
    """How many stand in each queue, counted no further than `cap`."""
    numbers = queues.lengths([(name, who.ref) for name in QUEUES], sites=list(sites), cap=cap)
    return dict(zip(QUEUES, numbers, strict=True))


def row(head: Head, *, who: Who, site: Site) -> dict[str, Any]:
    state = head.state
    word = state.last_word
    seen = state.seen.get(who.ref, 0)
    return {
        "conversation": str(head.conversation),
        "case": site.case(head.number),
        "site": site.key,
        "who": state.customer.name or state.customer.address or "Visitor",
        # The subject of a chat is made of the customer's first words.
        "subject": "" if who.role in NO_BODIES else state.subject,
        "last": "" if who.role in NO_BODIES else word.text,
        "last_side": word.side,
        "channel": state.channel,
        "status": state.status,
        "assignee": state.assignee,
        "assignee_name": state.assignee_name,
        "offered_to": state.offered_to,
        "waiting_since": state.waiting_since,
        "touched_at": state.touched_at,
        "due_at": _columns(head)["due_at"],
        "bounced": state.bounced,
        "position": head.position,
        "unread": word.side == "customer" and word.position > seen,
    }


def queues_of(head: Head, *, agent: str) -> list[str]:
    """The queues a conversation stands in now for this agent: the same rules as the ledger's queries."""
    columns = _columns(head)
    return [name for name, rule in QUEUES.items() if rule.holds(columns, agent)]


def _columns(head: Head) -> dict[str, Any]:
    state = head.state
    return {
        "status": state.status,
        "assignee": state.assignee,
        "offered_to": state.offered_to,
        "waiting_since": state.waiting_since,
        "touched_at": state.touched_at,
        "due_at": min((promise.due for promise in state.open_commitments()), default=0),
        "bounced": state.bounced,
    }
