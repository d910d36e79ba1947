"""How long a sender waits for the acknowledgement of a durable message, with 200 customers and 200 agents who together send 30 % of what
the server can take at most (at a fixed pace, whatever the answers take), against one fdatasync on the same disk. And the same while 5 MB
mails come in over SMTP into the same process.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure, Plan
from benchmarks.load.mails import Mails
from benchmarks.machine import fdatasync
from benchmarks.servers.running import Store
from benchmarks.sides import Side, people

PART = 0.3
FLOOR = 3.0
"""Milliseconds that are allowed where a disk needs none."""
SYNCS = 20


def figures(plan: Plan) -> Iterator[Figure]:
    for engine in ("SQLite",) if plan.quick else ("SQLite", "PostgreSQL"):
        store = Store(plan, customers=people(plan), conversations=people(plan), postgres=engine == "PostgreSQL")
        try:
            yield from _acknowledged(plan, store, engine)
            yield _beside_mails(plan, store, engine)
        finally:
            store.drop()


def _acknowledged(plan: Plan, store: Store, engine: str) -> Iterator[Figure]:
    halves, tails, syncs = [], [], []
    with Side(plan, "chat", store) as side:
        rate = PART * side.rate(plan.seconds)
        for _ in range(plan.rounds):
            syncs.append(1000 * fdatasync(plan.folder))
            found = side.paced(plan.seconds, rate)
            halves.append(found["ack50"])
            tails.append(found["ack99"])
    allowed = max(SYNCS, FLOOR / sorted(syncs)[len(syncs) // 2])
    for name, values, target in (("p50", halves, allowed), ("p99", tails, None)):
        yield Figure(
            key=f"latency.{name}.{engine.lower()}",
            title=f"Ack {name} at 30 % load on {engine} / one fdatasync",
            a=f"ack at {rate:.0f} messages/s",
            b="fdatasync of 4 KB",
            unit="ms",
            values_a=tuple(values),
            values_b=tuple(syncs),
            target=target,
            at_least=False,
            gross=20 * target if target else None,
            note="The target is 20 fdatasyncs, or 3 ms where that is more." if target else "",
        )


def _beside_mails(plan: Plan, store: Store, engine: str) -> Figure:
    quiet, disturbed = [], []
    with Side(plan, "all", store) as side, Mails(side.server.smtp_port) as mails:
        rate = PART * side.rate(plan.seconds)
        for _ in range(plan.rounds):
            quiet.append(side.paced(plan.seconds, rate)["ack99"])
            with mails.coming():
                disturbed.append(side.paced(plan.seconds, rate)["ack99"])
    return Figure(
        key=f"latency.mails.{engine.lower()}",
        title=f"Ack p99 beside 5 MB mails / undisturbed, {engine}",
        a=f"with {mails.rate:.1f} mails/s of 5 MB",
        b="without mails",
        unit="ms",
        values_a=tuple(disturbed),
        values_b=tuple(quiet),
        target=2.0,
        at_least=False,
        gross=20.0,
    )
