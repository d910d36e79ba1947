"""Each queue shows what stands in it, page by page, and each page and count is one range of one index, in order, on both engines."""

from __future__ import annotations

import pytest
from django.db import connection

from chat.events.commitment import CommitmentMade
from chat.events.delivery import MailBounced
from chat.events.handoff import HandoffClaimed, HandoffOffered
from chat.events.lifecycle import ConversationClosed, ConversationSnoozed
from chat.ledger import queues, read
from chat.ledger.queues import QUEUES, lengths, queue
from tests.chat.ledger.cast import INES, TOM, opened, say

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]

FRIDAY = 1_795_789_800_000_000
INDEXES = {
    ("open", ""): "queue_open",
    ("mine", "assignee"): "queue_assigned",
    ("mine", "offered_to"): "queue_offered",
    ("unassigned", ""): "queue_assigned",
    ("waiting", ""): "queue_waiting",
    ("promises", "assignee"): "queue_promises",
    ("snoozed", ""): "queue_snoozed",
    ("bounced", ""): "queue_bounced",
    ("closed", ""): "queue_closed",
}


def _ids(name: str, *, agent: str = TOM, sites: tuple[int, ...] = (1,), limit: int = 50) -> list[int]:
    return [head.conversation for head in queue(name, sites=sites, agent=agent, limit=limit)[0]]


def _pages(name: str, *, sites: tuple[int, ...] = (1,), limit: int) -> list[int]:
    seen, after = [], None
    while True:
        heads, after = queue(name, sites=sites, agent=TOM, after=after, limit=limit)
        seen += [head.conversation for head in heads]
        if after is None:
            return seen


def _everything() -> dict[str, int]:
    there = {name: opened(first="Hello") for name in ("free", "toms", "offered", "promised", "snoozed", "bounced", "closed")}
    say(there["toms"], HandoffClaimed(by="Tom"), actor=TOM)
    say(there["offered"], HandoffClaimed(by="Ines"), actor=INES)
    say(there["offered"], HandoffOffered(by="Ines", to=TOM, to_name="Tom", reason="He knows lamps."), actor=INES)
    say(there["promised"], HandoffClaimed(by="Tom"), actor=TOM)
    say(there["promised"], CommitmentMade(by="Tom", text="Refund", due=FRIDAY), actor=TOM)
    say(there["snoozed"], ConversationSnoozed(by="Tom", until=FRIDAY), actor=TOM)
    say(there["bounced"], MailBounced(of=2, to="n@x.example", said="550 no"), actor="system")
    say(there["closed"], ConversationClosed(by="Tom"), actor=TOM)
    return there


def test_each_queue_holds_its_own_and_says_the_same_of_a_single_row() -> None:
    from chat.web.inbox.rows import queues_of

    there = _everything()
    names = {cid: name for name, cid in there.items()}
    expected = {
        "mine": {"toms", "offered", "promised"},
        "unassigned": {"free", "snoozed", "bounced"},
        "promises": {"promised"},
        "snoozed": {"snoozed"},
        "bounced": {"bounced"},
        "closed": {"closed"},
        "open": set(there) - {"closed"},
        "waiting": set(there) - {"closed", "snoozed"},
    }
    found = {name: {names[cid] for cid in _ids(name)} for name in QUEUES}
    assert found == expected
    for cid, head in read.heads(list(there.values())).items():
        assert set(queues_of(head, agent=TOM)) == {name for name in QUEUES if names[cid] in expected[name]}


@pytest.mark.parametrize("name", ["open", "waiting", "unassigned"])
def test_pages_follow_on_without_a_gap_over_several_sites(name: str) -> None:
    every = [opened(site=1 + n % 3, first="Hello") for n in range(11)]
    ordered = every if name == "waiting" else list(reversed(every))
    for limit in (1, 4, 11, 50):
        assert _pages(name, sites=(1, 2, 3), limit=limit) == ordered
    assert _pages(name, sites=(1, 3), limit=2) == [cid for cid in ordered if every.index(cid) % 3 != 1]
    assert _pages(name, sites=(), limit=2) == []


def test_what_moved_up_meanwhile_is_not_on_an_older_page() -> None:
    first, second, third = (opened(first="Hello") for _ in range(3))
    heads, after = queue("open", sites=[1], limit=1)
    assert [head.conversation for head in heads] == [third]
    say(first, "Are you there?")
    heads, after = queue("open", sites=[1], after=after, limit=5)
    assert ([head.conversation for head in heads], after) == ([second], None)


def test_counts_stop_at_their_cap() -> None:
    for n in range(6):
        opened(site=1 + n % 2, first="Hello")
    asked = [(name, TOM) for name in QUEUES]
    counts = dict(zip(QUEUES, lengths(asked, sites=[1, 2]), strict=True))
    assert counts == {"open": 6, "mine": 0, "unassigned": 6, "waiting": 6, "promises": 0, "snoozed": 0, "bounced": 0, "closed": 0}
    assert lengths([("open", ""), ("open", "")], sites=[1, 2], cap=4) == [4, 4]
    assert lengths([("open", "")], sites=[]) == [0]
    assert lengths([], sites=[1]) == []


def test_many_sites_and_agents_are_counted_in_statements_that_engines_take() -> None:
    opened(first="Hello")
    sites = list(range(1, 120))
    assert lengths([("mine", f"agent:{n}") for n in range(5)], sites=sites) == [0] * 5
    assert len(queue("mine", sites=list(range(1, 500)), agent=TOM)[0]) == 0
    assert len(queue("open", sites=list(range(1, 500)))[0]) == 1


def test_an_unknown_queue_is_an_error() -> None:
    with pytest.raises(KeyError):
        queue("drafts", sites=[1])


@pytest.mark.parametrize(("name", "column"), INDEXES)
def test_a_page_and_a_count_are_one_range_of_one_index_without_sorting(name: str, column: str) -> None:
    for n in range(30):
        opened(site=1 + n % 2, first="Hello")
    rule = QUEUES[name]
    for after in (None, (1_795_000_000_000_000, 7)):
        sql, parameters = queues._range(rule, 1, TOM, column, after, 51)
        plan = _plan(sql, parameters)
        assert INDEXES[name, column] in plan
        assert "temp b-tree" not in plan and "sort" not in plan
        assert "covering index" in plan or "index only scan" in plan
        if after is not None:
            assert f"({rule.order}, id)" in plan.replace(f"({rule.order},id)", f"({rule.order}, id)").replace("row(", "(")
            assert "filter" not in plan or f"({rule.order}" not in plan.partition("filter")[2]


def _plan(sql: str, parameters: list[object]) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Thirty rows are read quicker as they lie; a million are not.
            cursor.execute("ANALYZE chat_conversation")
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                cursor.execute(f"SET enable_{way} = off")
            cursor.execute("EXPLAIN " + sql, parameters)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + sql, parameters)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall()).lower()
        if connection.vendor == "postgresql":
            cursor.execute("RESET ALL")
    return plan
