"""No listing walks a table: every page, count and look at what is to do is a range of an index in its order, on both engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.ledger import backlog, deliveries, follow, queues, read, received
from chat.ledger.event import Audience
from chat.ledger.queues import QUEUES
from tests.chat.ledger.cast import NADIA, TOM, opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

LOOKS: dict[str, Callable[[], object]] = {
    "parcels to carry": lambda: deliveries.take("email", limit=5, lease=1),
    "the next parcel": lambda: deliveries.next_at("email"),
    "parcels counted": lambda: deliveries.waiting("email"),
    "mails to understand": lambda: received.take("smtp", limit=5, lease=1),
    "mails set aside": lambda: received.listed("smtp", "quarantined", before=9),
    "mails set aside, counted": lambda: received.count("smtp", "quarantined"),
    "mails kept": lambda: received.listed("mailbox", "kept", before=9),
    "what waits, alarms too": backlog.backlog,
    "somebody's conversations": lambda: read.conversations_of(NADIA),
    "conversations by number": lambda: read.by_number(1, 1),
    "every conversation": lambda: read.all_conversations(after=3),
    "events": lambda: list(read.events(3, audience=Audience.EVERYONE, after=2)),
    "the feed": lambda: follow.stored(follow.Place(1, 1)),
    "the feed's end": follow.end,
    **{f"queue {name}": lambda name=name: queues.queue(name, sites=[1, 2], agent=TOM, after=(5, 5)) for name in QUEUES},  # type: ignore[misc]
    "counts": lambda: queues.lengths([(name, TOM) for name in QUEUES], sites=[1, 2]),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_listing_walks_no_table(name: str) -> None:
    say(opened(first="Hello"), "Hello", actor=TOM)
    with CaptureQueriesContext(connection) as queries:
        LOOKS[name]()
    asked = [query["sql"] for query in queries if query["sql"].lstrip().upper().startswith("SELECT")]
    assert asked
    for sql in asked:
        plan = _plan(sql)
        assert not [step for step in plan if _walks(step)], f"{sql}\n" + "\n".join(plan)
        assert "offset" not in sql.lower()


def _walks(step: str) -> bool:
    """A table read as it lies, or sorted. An index that is read in its order, up to a limit, is neither."""
    if connection.vendor == "postgresql":
        return "Seq Scan on chat_" in step
    return (step.startswith("SCAN chat_") and "USING" not in step) or "TEMP B-TREE" in step


def _plan(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A page is read quicker than an index while a table is one page.
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
        plan = [str(row[-1]) for row in cursor.fetchall()]
        if connection.vendor == "postgresql":
            cursor.execute("RESET enable_seqscan")
    return plan
