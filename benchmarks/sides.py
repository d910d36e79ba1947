"""Two or more things measured in turns: each side is a server with its crowd, and gives a rate when it is its turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from benchmarks.figures import Plan
from benchmarks.load.client import Load
from benchmarks.servers.running import Server, Store

PEOPLE = 200
"""Customers, and as many agents."""
FEW = 50
"""The same in a quick run."""
FLYING = 2
"""Lines that each sender has under way: enough that no server here ever waits for its clients."""
DIALECTS = {"chat": "throughline", "all": "throughline", "storeless": "throughline", "consumer": "echo", "bare": "echo"}


SATURATED = 0.85
"""Part of a core from which on a server of one thread is taken to do what it can."""


def people(plan: Plan) -> int:
    return FEW if plan.quick else PEOPLE


class Side:
    """A server of its own on a copy of the store, and everybody connected to it. Use it in a `with`."""

    def __init__(self, plan: Plan, what: str, store: Store, *, web: str = "daphne", **settings: str) -> None:
        self.what = what
        self.busy: list[float] = []
        """Part of a core that the server had, in each round."""
        self.server = Server(plan, what, store=store, web=web, settings=settings)
        try:
            self.load = Load(DIALECTS.get(what, what), store.members, self.server.port)
        except BaseException:
            self.server.stop()
            raise

    def rate(self, seconds: float) -> float:
        """Lines a second, each acknowledged to its sender and delivered to the others, with the server saturated."""
        began, used = time.monotonic(), self.server.cpu()
        rate = self.load.closed(seconds=seconds, flying=FLYING)["rate"]
        self.busy.append((self.server.cpu() - used) / (time.monotonic() - began))
        return rate

    def paced(self, seconds: float, rate: float) -> dict[str, float]:
        return self.load.paced(seconds=seconds, rate=rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None) -> None:
        self.load.stop()
        self.server.stop()


def remark(*sides: Side) -> str:
    """What has to be said of rates that the servers themselves did not decide."""
    starved = [f"{side.what} {statistics.median(side.busy):.2f}" for side in sides if statistics.median(side.busy) < SATURATED]
    return f"Not saturated; part of a core that the server had: {', '.join(starved)}." if starved else ""


def in_turns(plan: Plan, sides: Mapping[str, Any], *, warm: float = 1.0) -> dict[str, tuple[float, ...]]:
    """The rates of each side, round by round. Every second round goes the other way, so that nobody always comes after the loudest."""
    for side in sides.values():
        side.rate(warm)
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(plan.rounds):
        for name in list(sides) if number % 2 == 0 else reversed(list(sides)):
            found[name].append(sides[name].rate(plan.seconds))
    return {name: tuple(values) for name, values in found.items()}
