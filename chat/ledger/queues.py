"""The queues of the inbox: pages by keyset and counts that stop at a cap, each one range of a partial index. Knows no page.

The statements are written out, because an engine uses a partial index only for a condition that reads like the index's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection

from chat.ledger.read import Head, heads

T = TypeVar("T")
Statement = tuple[str, list[Any]]

NOT_CLOSED = ("status", "not", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue: by which column it is ordered, and which conversations stand in it."""

    order: str = "touched_at"
    falling: bool = True
    """True if the largest value comes first."""
    where: tuple[tuple[str, str, Any], ...] = ()
    """(column, `is` | `not`, value): all of them must hold."""
    mine: tuple[str, ...] = ()
    """Columns of which one must hold the agent: what somebody is asked to take over stands with their own."""

    def holds(self, columns: Mapping[str, Any], agent: str) -> bool:
        """True if a conversation with these columns stands in this queue of this agent: the same rule as in the statements."""
        if self.mine and agent not in {columns[column] for column in self.mine}:
            return False
        return all((columns[column] == value) == (test == "is") for column, test, value in self.where)


QUEUES: dict[str, Queue] = {
    "open": Queue(where=(NOT_CLOSED,)),
    "mine": Queue(where=(NOT_CLOSED,), mine=("assignee", "offered_to")),
    "unassigned": Queue(where=(NOT_CLOSED, ("assignee", "is", ""))),
    "waiting": Queue(order="waiting_since", falling=False, where=(("status", "is", "open"), ("waiting_since", "not", 0))),
    "promises": Queue(order="due_at", falling=False, where=(("due_at", "not", 0),), mine=("assignee",)),
    "snoozed": Queue(where=(("status", "is", "snoozed"),)),
    "bounced": Queue(where=(("bounced", "is", True),)),
    "closed": Queue(where=(("status", "is", "closed"),)),
}
_AT_ONCE = 200
"""Counts in one statement: engines limit how long one may be."""


def queue(
    name: str, *, sites: Sequence[int], agent: str = "", after: tuple[int, int] | None = None, limit: int = 50
) -> tuple[list[Head], tuple[int, int] | None]:
    """One page of a queue over some sites, and the (order value, id) to ask on `after`, None if nothing follows.

    Raises KeyError for an unknown queue.
    """
    rule = QUEUES[name]
    ranges = [_range(rule, site, agent, column, after, limit + 1) for site in sites for column in rule.mine or ("",)]
    if not ranges:
        return [], None
    found = sorted({row for statements in _some(ranges) for row in _rows(statements)}, reverse=rule.falling)
    shown = found[:limit]
    known = heads([cid for _, cid in shown])
    return [known[cid] for _, cid in shown if cid in known], shown[-1] if len(found) > limit else None


def lengths(asked: Sequence[tuple[str, str]], *, sites: Sequence[int], cap: int = 1000) -> list[int]:
    """How many stand in each queue of an agent, given as (queue, agent) and counted no further than `cap`."""
    counts: dict[tuple[str, str], int] = dict.fromkeys(asked, 0)
    parts = [
        (key, _range(QUEUES[key[0]], site, key[1], column, None, cap))
        for key in counts
        for site in sites
        for column in QUEUES[key[0]].mine or ("",)
    ]
    for some in _some(parts):
        selects = ", ".join(f"(SELECT count(*) FROM ({sql}) AS one)" for _, (sql, _) in some)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {selects}", [value for _, (_, values) in some for value in values])
            for (key, _), number in zip(some, cursor.fetchone(), strict=True):
                counts[key] = min(cap, counts[key] + number)
    return [counts[key] for key in asked]


def _some(parts: Sequence[T]) -> Iterator[Sequence[T]]:
    return (parts[start : start + _AT_ONCE] for start in range(0, len(parts), _AT_ONCE))


def _rows(statements: Sequence[Statement]) -> list[tuple[int, int]]:
    sql = " UNION ALL ".join(f"SELECT * FROM ({one}) AS one" for one, _ in statements)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in statements for value in values])
        return [(value, cid) for value, cid in cursor.fetchall()]


def _range(rule: Queue, site: int, agent: str, column: str, after: tuple[int, int] | None, limit: int) -> Statement:
    """The (order value, id) of one site, and of one column that holds the agent: one range of one index, in its order."""
    terms = ["site = %s", *(_written(*one) for one in rule.where)]
    parameters: list[Any] = [site]
    if column:
        # The index over offers leaves out the many rows where nobody was asked.
        terms += [f"{column} = %s", f"NOT ({column} = '')"]
        parameters.append(agent)
    if after is not None:
        terms.append(f"({rule.order}, id) {'<' if rule.falling else '>'} (%s, %s)")
        parameters += after
    down = " DESC" if rule.falling else ""
    sql = f"SELECT {rule.order}, id FROM chat_conversation WHERE {' AND '.join(terms)} ORDER BY {rule.order}{down}, id{down} LIMIT %s"
    return sql, [*parameters, limit]


def _written(column: str, test: str, value: Any) -> str:
    # As Django writes the conditions of the indexes in models.py. A value above nothing is written as `not` 0, because SQLite
    # would take `> 0` for the beginning of the range, and walk from there to the row that the page begins after.
    if value is True:
        return column
    literal = str(value) if isinstance(value, int) else f"'{value}'"
    return f"{column} = {literal}" if test == "is" else f"NOT ({column} = {literal})"
