"""`python -m benchmarks`: measure everything and write docs/performance.md. `run AREA ...` measures some, `--quick` looks for gross misses.

Each area is measured in a process of its own; this one starts them, keeps the results and draws the page.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from benchmarks import areas, measuring

TAKE = "take"
"""The command that one area runs under, in its own process."""


def main(arguments: list[str]) -> int:
    if arguments[:1] == [TAKE]:
        return _take(arguments[1], arguments[2])
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("what", nargs="?", default="run", choices=("run", "render"), help="render only draws the page from results.json")
    asked.add_argument("areas", nargs="*", help=f"some of {', '.join(areas.names())}; all if left out")
    asked.add_argument("--quick", action="store_true", help="under three minutes, few rounds; keeps nothing and fails on gross misses only")
    asked.add_argument("--seconds", type=float, default=4.0, help="length of a round in a full run")
    given = asked.parse_args(arguments)
    if given.what == "render":
        measuring.draw()
        return 0
    unknown = set(given.areas) - set(areas.names())
    if unknown:
        asked.error(f"there is no {', '.join(sorted(unknown))}; the areas are {', '.join(areas.names())}")
    return measuring.run(given.areas or (areas.QUICK if given.quick else areas.names()), quick=given.quick, seconds=given.seconds)


def _take(area: str, plan: str) -> int:
    """Measure one area and write each figure as a line of JSON to standard output as soon as it is taken."""
    # What the area prints itself must not be taken for a figure.
    out, sys.stdout = sys.stdout, sys.stderr
    for figure in areas.figures(area, measuring.plan_from(json.loads(plan))):
        out.write(json.dumps(asdict(figure)) + "\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
