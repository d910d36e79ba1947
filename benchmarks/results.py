"""results.json: the figures that were taken last in each area, with machine and date. Draws nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.figures import Figure
from benchmarks.places import RESULTS

SAME = ("CPU", "cores", "memory")
"""Figures of machines that differ in these do not stand on one page."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area as it was taken. `load` is how busy the machine was when it began, in processes that wanted to run."""

    name: str
    taken: str
    load: float
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Results:
    machine: dict[str, str]
    areas: tuple[Area, ...]


def read() -> Results:
    """What is kept; empty if nothing was measured yet."""
    if not RESULTS.exists():
        return Results({}, ())
    kept = json.loads(RESULTS.read_text())
    areas = tuple(
        Area(name, values["taken"], values["load"], tuple(figure(f) for f in values["figures"])) for name, values in kept["areas"].items()
    )
    return Results(kept["machine"], areas)


def keep(name: str, figures: Sequence[Figure], *, machine: dict[str, str], load: float) -> None:
    """Put an area's figures in the place of its older ones. Those of another machine go."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"machine": machine, "areas": {}}
    if any(kept["machine"].get(word) != machine[word] for word in SAME):
        kept["areas"] = {}
    kept["machine"] = machine
    taken = datetime.now(UTC).strftime("%Y-%m-%d")
    kept["areas"][name] = {"taken": taken, "load": round(load, 1), "figures": [_short(asdict(figure)) for figure in figures]}
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def figure(values: dict[str, Any]) -> Figure:
    return Figure(**values | {"values_a": tuple(values["values_a"]), "values_b": tuple(values["values_b"])})


def _short(values: dict[str, Any]) -> dict[str, Any]:
    for side in ("values_a", "values_b"):
        values[side] = [float(f"{value:.6g}") for value in values[side]]
    return values
