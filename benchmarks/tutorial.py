"""Durable chat beside the chat of the Channels tutorial, whose consumer keeps each message with `acreate` and hands it on through
channels_redis: 200 customers and 200 agents, in turns.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure, Plan
from benchmarks.servers.running import Store
from benchmarks.sides import Side, in_turns, people


def figures(plan: Plan) -> Iterator[Figure]:
    # On SQLite the tutorial's writers find the database locked, and it closes its sockets.
    store = Store(plan, customers=people(plan), conversations=people(plan), postgres=True)
    try:
        with Side(plan, "chat", store) as ours, Side(plan, "tutorial", store, BENCH_REDIS=plan.redis) as theirs:
            rates = in_turns(plan, {"chat": ours, "tutorial": theirs})
    finally:
        store.drop()
    yield Figure(
        key="tutorial.postgresql",
        title="Durable chat / the Channels tutorial with acreate, PostgreSQL, Daphne",
        a="durable and delivered",
        b="tutorial with channels_redis",
        unit="messages/s",
        values_a=rates["chat"],
        values_b=rates["tutorial"],
        target=20,
    )
