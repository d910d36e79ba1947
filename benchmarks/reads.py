"""Reading a store of 10,000, 100,000 and 1,000,000 conversations of five events each: the first page of a queue and one from its middle,
all counts, and searching, newest first, on both engines. A page that is a range of an index costs the same however much there is.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import psycopg

from benchmarks.figures import Figure, Plan
from benchmarks.places import ROOT

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (2_000, 20_000)
WAYS = {
    "queue": ("first page of the open queue", 2.0),
    "deep": ("page from the middle of the open queue", 2.0),
    "mine": ("page from the middle of an agent's own", 2.0),
    "counts": ("counts of all queues", 2.0),
    "common": ("search: a word in every tenth event", 3.0),
    "rare": ("search: a word in twenty events of all", 3.0),
    "both": ("search: that and a word in every thousandth", 3.0),
    "begun": ("search: the beginning of sixteen words", 3.0),
    "older": ("search: the first again, from the middle on", 3.0),
}
"""What is read, in words, and how much more it may take with a hundred times as much in the store."""
SECONDS = 0.25
"""Of asking for one of them again and again, in one round and one store."""
ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def figures(plan: Plan) -> Iterator[Figure]:
    sizes = QUICK if plan.quick else SIZES
    for engine, name in ENGINES.items():
        with ExitStack() as stack:
            stores = [stack.enter_context(closing(Reading(plan, engine, size))) for size in sizes]
            for way, (words, target) in WAYS.items():
                taken = [[store.milliseconds(way) for store in stores] for _ in range(plan.rounds)]
                for place, size in enumerate(sizes[1:], 1):
                    yield Figure(
                        key=f"reads.{engine}.{way}.{_short(size)}",
                        title=f"{words[0].upper()}{words[1:]}, {size:,} / {sizes[0]:,} conversations, {name}",
                        a=f"{size:,} conversations",
                        b=f"{sizes[0]:,} conversations",
                        unit="ms",
                        values_a=tuple(row[place] for row in taken),
                        values_b=tuple(row[0] for row in taken),
                        target=target,
                        at_least=False,
                        gross=target * 4,
                    )


class Reading:
    """A process with a store of its own, which it fills before it is asked."""

    def __init__(self, plan: Plan, engine: str, conversations: int) -> None:
        self._server = plan.postgres if engine == "postgres" else ""
        self._name = f"reads_{secrets.token_hex(4)}"
        self._say(f"CREATE DATABASE {self._name}")
        folder = plan.folder / self._name
        folder.mkdir(parents=True)
        rest = {name: value for name, value in os.environ.items() if not name.startswith("THROUGHLINE_")}
        database = urlsplit(self._server)._replace(path=f"/{self._name}").geturl() if self._server else ""
        env = {"DJANGO_SETTINGS_MODULE": "server.settings", "THROUGHLINE_MODE": "test", "THROUGHLINE_DATA": str(folder)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.servers.reading", str(conversations)],
            cwd=ROOT,
            env=rest | env | {"THROUGHLINE_DATABASE": database, "THROUGHLINE_LOG": "warning"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self._heard()
        except BaseException:
            self.close()
            raise

    def milliseconds(self, way: str) -> float:
        """The median of one way of reading, now."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{way} {SECONDS}\n")
        self._process.stdin.flush()
        return float(self._heard())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._say(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _heard(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A store could not be filled or read; why stands above.")
        return line

    def _say(self, statement: str) -> None:
        if self._server:
            with closing(psycopg.connect(self._server, autocommit=True)) as connection:
                connection.execute(statement.encode())


def _short(size: int) -> str:
    return f"{size // 1_000_000}m" if size >= 1_000_000 else f"{size // 1_000}k"
