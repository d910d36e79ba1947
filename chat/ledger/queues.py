"""The queues of the inbox: pages of conversations by keyset, each over a partial index; counts stop at a cap. Knows no page."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from chat.ledger.models import Conversation
from chat.ledger.read import Head, as_head

QUEUES: dict[str, dict[str, Any]] = {
    "open": {"order": "-touched_at"},
    "mine": {"order": "-touched_at", "mine": ("assignee", "offered_to")},
    "unassigned": {"order": "-touched_at", "where": {"assignee": ""}},
    "waiting": {"order": "waiting_since", "where": {"status": "open", "waiting_since__gt": 0}},
    "promises": {"order": "due_at", "mine": ("assignee",), "where": {"due_at__gt": 0}},
    "snoozed": {"order": "-touched_at", "where": {"status": "snoozed"}},
    "bounced": {"order": "-touched_at", "where": {"bounced": True}},
    "closed": {"order": "-touched_at", "where": {"status": "closed"}, "closed": True},
}
"""Each queue of the inbox: its order and its condition. Closed conversations stand in `closed`, `bounced` and `promises` only.

`mine` names the columns of which one must hold the agent: what somebody is asked to take over stands with their own.
"""


def queue(name: str, *, site: int, agent: str = "", after: tuple[int, int] | None = None, limit: int = 50) -> list[Head]:
    """One page of a queue. `after` is the (order value, id) of the last row of the page before. Raises KeyError for an unknown queue."""
    query, field, descending = _queue(name, site, agent)
    if after is not None:
        value, cid = after
        beyond = "lt" if descending else "gt"
        query = query.filter(Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"id__{beyond}": cid}))
    sign = "-" if descending else ""
    return [as_head(row) for row in query.order_by(f"{sign}{field}", f"{sign}id")[:limit]]


def queue_length(name: str, *, site: int, agent: str = "", cap: int = 1000) -> int:
    """How many stand in a queue, counted no further than `cap`."""
    return len(_queue(name, site, agent)[0].values_list("pk", flat=True)[:cap])


def _queue(name: str, site: int, agent: str) -> tuple[Any, str, bool]:
    rule = QUEUES[name]
    query = Conversation.objects.filter(site=site, **rule.get("where", {}))
    if not rule.get("closed") and name not in ("bounced", "promises"):
        query = query.exclude(status="closed")
    if rule.get("mine"):
        query = query.filter(reduce(or_, (Q(**{column: agent}) for column in rule["mine"])))
    order = rule["order"]
    return query, order.lstrip("-"), order.startswith("-")
