"""Runs areas one after the other, each in a process of its own with the same throw-away PostgreSQL and Redis, and says what came out."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, page, results, sizing
from benchmarks.figures import Figure, Plan
from benchmarks.places import ROOT
from benchmarks.wording import line
from tests.services import Postgres, Redis

LONGEST = 1200
"""Seconds for one area."""
LONGEST_QUICK = 120


def run(names: Sequence[str], *, quick: bool, seconds: float = 4.0) -> int:
    """Measure these areas; a full run keeps them in results.json and draws the page. Gives the exit status."""
    began, failed, missed = time.monotonic(), [], []
    with _ground(quick, seconds) as plan:
        here = machine.described(plan)
        for name in names:
            load, since = os.getloadavg()[0], time.monotonic()
            taken = list(_measured(name, plan))
            _say(f"== {name}, {time.monotonic() - since:.0f} s")
            if taken and taken[-1] is None:
                failed.append(name)
            found = [figure for figure in taken if figure is not None]
            missed += [figure for figure in found if figure.grossly_missed]
            if not quick and name not in failed:
                results.keep(name, found, machine=here, load=load)
    if not quick:
        draw()
    _say(f"== {time.monotonic() - began:.0f} s")
    for figure in missed if quick else ():
        _say(f"GROSS: {line(figure)}; CI allows {figure.gross:g}")
    for name in failed:
        _say(f"FAILED: {name}")
    return 1 if failed or (quick and missed) else 0


def draw() -> None:
    """Whatever is written from the results: the page, its plots, and the sums that say how large an installation must be."""
    found = results.read()
    page.write(found)
    sizing.PAGE.write_text(sizing.written(sizing.PAGE.read_text(), found))


def plan_from(values: dict[str, Any]) -> Plan:
    return Plan(**values | {"folder": Path(values["folder"])})


@contextmanager
def _ground(quick: bool, seconds: float) -> Iterator[Plan]:
    """A folder on a real disk, PostgreSQL and Redis: those named in the environment, or throw-away ones."""
    with ExitStack() as stack:
        # /tmp may live in memory, where nothing has to be waited for.
        folder = Path(tempfile.mkdtemp(prefix="throughline-bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        postgres, redis = os.environ.get("BENCH_POSTGRES", ""), os.environ.get("BENCH_REDIS", "")
        if not postgres:
            own = Postgres(folder / "postgres", durable=True)
            stack.callback(own.stop)
            postgres = own.url()
        if not redis:
            other = Redis(folder / "redis")
            stack.callback(other.stop)
            redis = other.url
        yield Plan(quick=quick, rounds=2 if quick else 5, seconds=1.0 if quick else seconds, folder=folder, postgres=postgres, redis=redis)


def _measured(name: str, plan: Plan) -> Iterator[Figure | None]:
    """Figures as they come; None at the end if the area failed."""
    folder = plan.folder / name
    folder.mkdir(mode=0o755)
    values = asdict(plan) | {"folder": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "take", name, json.dumps(values)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # An area that hangs must not hold everybody up.
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.alarm(LONGEST_QUICK if plan.quick else LONGEST)
    try:
        assert process.stdout is not None
        for text in process.stdout:
            figure = results.figure(json.loads(text))
            _say(line(figure))
            yield figure
        if process.wait():
            yield None
    finally:
        signal.alarm(0)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
