"""Saving very long conversations, asked for by POST and fetched over HTTP as a browser does it: seconds, how long the first octet takes,
and how far the memory of the server grows; also when the reader stops in the middle. And how long it takes to verify such a chain.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from benchmarks.figures import Figure, Plan
from benchmarks.places import ROOT
from benchmarks.servers.running import Server, Store, environment

FORMATS = {"text": "text", "json": "JSON", "html": "a web page"}
STREAMED = {**FORMATS, "jsonl": "JSON Lines", "csv": "a table", "mbox": "a mailbox", "eml": "a mail"}
"""All that begin to arrive while they are still written."""
SIZES = (1_000, 10_000, 100_000)
BEGUN = 1_000
"""Events of the conversation whose first octet is waited for, in both lists of sizes."""
AT_ONCE = 200.0
"""ms in which a download is to begin."""
WEBS = ("daphne", "uvicorn")
"""Seconds are taken under the first alone: what the writing costs does not depend on who sends it."""
QUICK = (100, 1_000, 10_000)
STOPS_AFTER = 1_000_000
"""Octets that the reader takes who then stops."""
MEMORY = 60.0
"""MB by which the server may grow."""
CHECKED = 5.0
"""Seconds in which the longest saved file is to be verified."""
PAPERS = {2_000: 2.0, 20_000: 20.0}
"""Events of a PDF, and the seconds in which it is to be there: it is set as a whole, so nothing of it arrives before."""
VERIFIER = ROOT / "chat" / "transcripts" / "verifier.py"
TOKEN = "a" * 32


def figures(plan: Plan) -> Iterator[Figure]:
    sizes = QUICK if plan.quick else SIZES
    for engine in ("SQLite",) if plan.quick else ("SQLite", "PostgreSQL"):
        store = Store(plan, customers=1, conversations=1, postgres=engine == "PostgreSQL")
        try:
            told = dict(zip(sizes, (int(number) for number in _long(store, "tell", *sizes)), strict=True))
            papers = list(PAPERS)[: 1 if plan.quick else 2]
            yield from _served(plan, store, engine, told, dict(zip(papers, map(int, _long(store, "tell", *papers)), strict=True)))
            yield _verified(plan, store, engine, told)
        finally:
            store.drop()


def _served(plan: Plan, store: Store, engine: str, told: dict[int, int], papers: dict[int, int]) -> Iterator[Figure]:
    for web in WEBS[:1] if plan.quick else WEBS:
        server = Server(plan, "chat", place=(store.folder, store.database), web=web)
        try:
            reader = _Reader(server, store.members[1]["cookie"])
            for name in FORMATS:
                reader.saved(told[min(told)], name)  # so that the code itself is in memory before memory is measured
            for name in FORMATS:
                yield from _compared(plan, reader, name, f"{engine}, {web.capitalize()}", told, timed=web == WEBS[0])
            if web == WEBS[0]:
                yield from _begun(plan, reader, f"{engine}, {web.capitalize()}", told[BEGUN])
                yield _checked(plan, reader, engine, told)
                yield from (_paper(plan, reader, engine, events, papers[events]) for events in papers)
        finally:
            server.stop()


def _compared(plan: Plan, reader: _Reader, name: str, where: str, told: dict[int, int], *, timed: bool) -> Iterator[Figure]:
    _, middle, large = sorted(told)
    key = f"transcripts.{name}.{where.lower().replace(', ', '.')}"
    title = f"Transcript of {large:,} events as {FORMATS[name]} ({where})"
    grown = _most_grown(reader, lambda: reader.saved(told[large], name))
    yield _memory(f"{key}.memory", f"{title}: growth of the server", grown)
    yield _memory(
        f"{key}.stopped",
        f"{title}: growth while its reader stops",
        _most_grown(reader, lambda: reader.stopping(told[large], name, plan.seconds)),
    )
    if not timed:
        return
    taken: dict[int, list[_Saved]] = {events: [] for events in told}
    for _ in range(plan.rounds):
        for events, conversation in told.items():
            taken[events].append(reader.saved(conversation, name))
    yield Figure(
        key=f"{key}.flat",
        title=f"{title} / {middle:,}: time for each event",
        a=f"{large:,} events",
        b=f"{middle:,} events",
        unit="us/event",
        values_a=tuple(1e6 * saved.seconds / large for saved in taken[large]),
        values_b=tuple(1e6 * saved.seconds / middle for saved in taken[middle]),
        target=1.3,
        at_least=False,
        gross=2.5,
    )
    for events, found in taken.items():
        yield Figure(
            key=f"{key}.{events}",
            title=f"Transcript of {events:,} events as {FORMATS[name]} ({where}), {found[0].octets / 1e6:.3g} MB",
            a="from the press of the button to the last octet",
            b="",
            unit="s",
            values_a=tuple(saved.seconds for saved in found),
        )
    yield Figure(
        key=f"{key}.first",
        title=f"{title}: first octet",
        a="from the press of the button to the first octet",
        b="",
        unit="ms",
        values_a=tuple(1000 * saved.first for saved in taken[large]),
    )


def _begun(plan: Plan, reader: _Reader, where: str, conversation: int) -> Iterator[Figure]:
    """How soon each streamed format begins to arrive."""
    for name, words in STREAMED.items():
        reader.saved(conversation, name)
        yield Figure(
            key=f"transcripts.{name}.{where.lower().replace(', ', '.')}.begins",
            title=f"Transcript of {BEGUN:,} events as {words} ({where}): first octet",
            a="from the press of the button to the first octet",
            b="",
            unit="ms",
            values_a=tuple(1000 * reader.saved(conversation, name).first for _ in range(plan.rounds)),
            target=AT_ONCE,
            at_least=False,
            gross=5 * AT_ONCE,
        )


def _memory(key: str, title: str, grown: float) -> Figure:
    return Figure(
        key=key,
        title=title,
        a="MB",
        b="",
        unit="MB",
        values_a=(grown,),
        target=MEMORY,
        at_least=False,
        gross=2 * MEMORY,
        note="Taken once.",
    )


def _verified(plan: Plan, store: Store, engine: str, told: dict[int, int]) -> Figure:
    _, middle, large = sorted(told)
    asked = [told[large], told[middle]] * plan.rounds
    seconds = [float(number) for number in _long(store, "check", *asked)]
    return Figure(
        key=f"transcripts.verify.{engine.lower()}",
        title=f"Verifying a chain of {large:,} / {middle:,} events, time for each event ({engine})",
        a=f"{large:,} events",
        b=f"{middle:,} events",
        unit="us/event",
        values_a=tuple(1e6 * taken / large for taken in seconds[::2]),
        values_b=tuple(1e6 * taken / middle for taken in seconds[1::2]),
        target=1.3,
        at_least=False,
        gross=2.5,
    )


def _checked(plan: Plan, reader: _Reader, engine: str, told: dict[int, int]) -> Figure:
    """The saved file under the program that stands alone, from its start to its answer."""
    large = max(told)
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        reader.saved(told[large], "json", into=file)
        file.flush()
        taken = []
        for _ in range(plan.rounds):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-I", str(VERIFIER), file.name], check=True, capture_output=True, timeout=600)
            taken.append(time.perf_counter() - begun)
    return Figure(
        key=f"transcripts.file.{engine.lower()}",
        title=f"Verifying a saved JSON file of {large:,} events, offline",
        a="from the start of the program to its answer",
        b="",
        unit="s",
        values_a=tuple(taken),
        target=CHECKED,
        at_least=False,
        gross=3 * CHECKED,
    )


def _paper(plan: Plan, reader: _Reader, engine: str, events: int, conversation: int) -> Figure:
    return Figure(
        key=f"transcripts.pdf.{engine.lower()}.{events}",
        title=f"Transcript of {events:,} events as PDF ({engine})",
        a="from the press of the button to the last octet",
        b="",
        unit="s",
        values_a=tuple(reader.saved(conversation, "pdf").seconds for _ in range(plan.rounds)),
        target=PAPERS[events],
        at_least=False,
        gross=5 * PAPERS[events],
    )


@dataclass(frozen=True, slots=True)
class _Saved:
    seconds: float
    first: float
    """Seconds to the first octet."""
    octets: int


class _Reader:
    """An agent's browser: posts, follows, reads as fast as it can and keeps nothing unless it is told to."""

    def __init__(self, server: Server, cookie: str) -> None:
        self.pid = server.pid
        self._port = server.port
        self._headers = {
            "Cookie": f"{cookie}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Origin": f"http://127.0.0.1:{server.port}",
            "Content-Length": "0",
        }

    def saved(self, conversation: int, name: str, *, into: IO[bytes] | None = None) -> _Saved:
        begun = time.perf_counter()
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)) as connection:
            answer = self._asked(connection, conversation, name)
            start = answer.read(1)
            first, octets = time.perf_counter() - begun, 0
            for piece in chain([start], iter(lambda: answer.read(256 * 1024), b"")):
                octets += len(piece)
                if into is not None:
                    into.write(piece)
        return _Saved(time.perf_counter() - begun, first, octets)

    def stopping(self, conversation: int, name: str, seconds: float) -> None:
        """Reads the beginning, then nothing for so many seconds, then goes."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)) as connection:
            answer = self._asked(connection, conversation, name)
            answer.read(STOPS_AFTER)
            time.sleep(seconds)

    def _asked(self, connection: http.client.HTTPConnection, conversation: int, name: str) -> http.client.HTTPResponse:
        connection.request("POST", f"/transcripts/{conversation}/{name}", headers=self._headers)
        answer = connection.getresponse()
        if answer.status == 303:
            answer.read()
            connection.request("GET", answer.headers["Location"], headers={"Cookie": self._headers["Cookie"]})
            answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.read(500)!r}")
        return answer


def _most_grown(reader: _Reader, work: Callable[[], object]) -> float:
    """MB between the server's memory before and its highest while `work` runs."""
    Path(f"/proc/{reader.pid}/clear_refs").write_text("5")  # sets the mark back: proc(5)
    before = _status(reader.pid, "VmRSS")
    work()
    return max(0.0, (_status(reader.pid, "VmHWM") - before) / 1000)


def _status(pid: int, name: str) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def _long(store: Store, what: str, *numbers: int) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.servers.long", what, *map(str, numbers)],
        cwd=ROOT,
        env=environment(store.folder, store.database),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(f"{what} failed:\n{done.stderr[-4000:]}")
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found
