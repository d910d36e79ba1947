"""Two processes over PostgreSQL and Redis: all customers on one, all agents on the other, so that each message has to cross, against the
same people on one process alone. And the doorbells themselves between two processes, against group messages of channels_redis.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.figures import Figure, Plan
from benchmarks.load.client import Load
from benchmarks.places import ROOT
from benchmarks.servers.running import Server, Store, drop, environment
from benchmarks.sides import FLYING, Side, in_turns, people


def figures(plan: Plan) -> Iterator[Figure]:
    store = Store(plan, customers=people(plan), conversations=people(plan), postgres=True)
    try:
        yield _second(plan, store)
        yield _deliveries(plan, store)
    finally:
        store.drop()


class Pair:
    """Two servers over one store; the first half of the members goes to the first, the other half to the second."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.folder, self.database = store.copy()
        place = (self.folder, self.database)
        self.servers = [Server(plan, "chat", place=place, settings={"THROUGHLINE_REDIS": plan.redis}) for _ in range(2)]
        self.load = Load("throughline", store.members, *(server.port for server in self.servers))

    def rate(self, seconds: float) -> float:
        return self.load.closed(seconds=seconds, flying=FLYING)["rate"]

    def stop(self) -> None:
        self.load.stop()
        for server in self.servers:
            server.stop()
        drop(self.database)


def _second(plan: Plan, store: Store) -> Figure:
    pair = Pair(plan, store)
    try:
        with Side(plan, "chat", store) as one:
            rates = in_turns(plan, {"two": pair, "one": one})
    finally:
        pair.stop()
    return Figure(
        key="processes.second",
        title="Two processes over Redis / one process",
        a="customers on one, agents on the other",
        b="all on one",
        unit="messages/s",
        values_a=rates["two"],
        values_b=rates["one"],
        gross=0.03,
    )


class Rings:
    """Two processes that ring for each other, from `begin` to `stop`."""

    def __init__(self, plan: Plan, store: Store, what: str) -> None:
        env = environment(store.folder, store.database) | {"THROUGHLINE_REDIS": plan.redis, "BENCH_PREFIX": secrets.token_hex(4)}
        self._parts = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.servers.ringing", what, part],
                cwd=ROOT,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for part in ("answer", "begin")
        ]
        for part in self._parts:
            self._heard(part)

    def rate(self, seconds: float) -> float:
        beginner = self._parts[1]
        assert beginner.stdin is not None
        beginner.stdin.write(f"{seconds}\n")
        beginner.stdin.flush()
        return float(self._heard(beginner))

    def stop(self) -> None:
        for part in self._parts:
            part.kill()
            part.communicate()

    def _heard(self, part: subprocess.Popen[str]) -> str:
        assert part.stdout is not None
        line = part.stdout.readline()
        if not line:
            raise RuntimeError("A process that rings has ended; its last words stand above.")
        return line


def _deliveries(plan: Plan, store: Store) -> Figure:
    rates: dict[str, list[float]] = {"bells": [], "layer": []}
    for _ in range(1 if plan.quick else plan.rounds):
        # One after the other: whoever is not measured would go on ringing.
        for what, found in rates.items():
            rings = Rings(plan, store, what)
            try:
                rings.rate(0.5)
                found.append(rings.rate(plan.seconds / 2))
            finally:
                rings.stop()
    return Figure(
        key="processes.deliveries",
        title="Doorbells between two processes / channels_redis",
        a="400 conversations, each with one ring under way",
        b="400 groups, the same",
        unit="deliveries/s",
        values_a=tuple(rates["bells"]),
        values_b=tuple(rates["layer"]),
        gross=1.0,
        note="A doorbell carries no text: who hears it reads the ledger. A group message carries what it is given.",
    )
