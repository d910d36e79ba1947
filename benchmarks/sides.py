"""Two or more things measured in turns: each side is a server with its crowd, and gives a rate when it is its turn."""

from __future__ import annotations

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
DIALECTS = {"chat": "throughline", "all": "throughline", "storeless": "throughline", "consumer": "echo"}


def people(plan: Plan) -> int:
    return FEW if plan.quick else PEOPLE


class Side:
    """A server of its own on a copy of the store, and everybody connected to it. Use it in a `with`."""

    def __init__(self, plan: Plan, what: str, store: Store, *, web: str = "daphne", **settings: str) -> None:
        self.server = Server(plan, what, store=store, web=web, settings=settings)
        try:
            self.load = Load(DIALECTS.get(what, what), store.members, self.server.port)
        except BaseException:
            self.server.stop()
            raise

    def rate(self, seconds: float) -> float:
        """Lines a second, each acknowledged to its sender and delivered to the others, with the server saturated."""
        return self.load.closed(seconds=seconds, flying=FLYING)["rate"]

    def paced(self, seconds: float, rate: float) -> dict[str, float]:
        return self.load.paced(seconds=seconds, rate=rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None) -> None:
        self.load.stop()
        self.server.stop()


def in_turns(plan: Plan, sides: Mapping[str, Any], *, warm: float = 1.0) -> dict[str, tuple[float, ...]]:
    """The rates of each side, round by round. Every second round goes the other way, so that nobody always comes after the loudest."""
    for side in sides.values():
        side.rate(warm)
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(plan.rounds):
        for name in list(sides) if number % 2 == 0 else reversed(list(sides)):
            found[name].append(sides[name].rate(plan.seconds))
    return {name: tuple(values) for name, values in found.items()}
