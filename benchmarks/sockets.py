"""Live connections that wait, come and stall: memory for each idle one (after hello, with one conversation watched), connections a second
beside the raw ASGI echo, readers that do not read while 200 MB are offered to them, and a thousand who come at once.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from benchmarks.figures import Figure, Plan
from benchmarks.load import frames
from benchmarks.places import ROOT
from benchmarks.servers.running import Server, environment
from tests.services.ports import answers, free_port, stop, wait_until

WEBS = {"daphne": 34.0, "uvicorn": 28.0}
"""Web servers, and the KB that an idle connection may take."""
CROWDS = (5_000, 15_000)
QUICK = (500,)
FIRST = 300
JOINS = 1_000
OFFERED = 200
"""MB."""
STALLS = ("outbox", "download")


def figures(plan: Plan) -> Iterator[Figure]:
    crowds = QUICK if plan.quick else CROWDS
    place = _shop(plan, max(crowds))
    try:
        for web, target in WEBS.items():
            # Quick runs come in with few, and by one server: the other differs in what it holds, not in what it lets in.
            if not plan.quick or web == "daphne":
                for many in crowds:
                    yield _idle(plan, web, place, many, target)
                yield _joins(plan, web, place, QUICK[0] if plan.quick else JOINS)
                yield _connects(plan, web, place)
            for what in STALLS:
                yield _stalled(plan, web, what)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _idle(plan: Plan, web: str, place: Path, many: int, target: float) -> Figure:
    """One round: memory does not tremble as times do, and 15,000 joins take minutes."""
    with _chat(plan, web, place) as server, Crowd(server.port, place, path="/live/widget") as crowd:
        # The first ones pay for what all share.
        crowd.join(FIRST)
        before = resident(server.pid)
        crowd.join(many)
        time.sleep(3)
        grown = (resident(server.pid) - before) / many
    return Figure(
        key=f"sockets.idle.{many}.{web}",
        title=f"Memory of an idle connection among {many:,}, {web.capitalize()}",
        a="growth of the process / connections",
        b="",
        unit="KB",
        values_a=(grown,),
        target=target,
        at_least=False,
        gross=2 * target,
    )


def _joins(plan: Plan, web: str, place: Path, many: int) -> Figure:
    with _chat(plan, web, place) as server, Crowd(server.port, place, path="/live/widget") as crowd:
        come = crowd.join(many, at_once=many)
    return Figure(
        key=f"sockets.joins.{web}",
        title=f"Of {many:,} who say hello and watch at the same moment, so many are let in, {web.capitalize()}",
        a="live",
        b="",
        unit="connections",
        values_a=(come["live"],),
        target=many,
        gross=many,
        note=f"the last after {come['seconds']:.1f} s",
    )


def _connects(plan: Plan, web: str, place: Path) -> Figure:
    many = 60 if plan.quick else 400
    ours, raw = [], []
    with _chat(plan, web, place) as chat, _running(Server(plan, "echo", web=web)) as echo:
        for _ in range(plan.rounds):
            for rates, server, path in ((ours, chat, "/live/widget"), (raw, echo, "/")):
                with Crowd(server.port, place, path=path) as crowd:
                    rates.append(many / crowd.join(many)["seconds"])
    return Figure(
        key=f"sockets.connects.{web}",
        title=f"Connections, with hello and watch, / bare connections to the raw echo, {web.capitalize()}",
        a="handshake, hello, watch, replay, live",
        b="handshake",
        unit="connections/s",
        values_a=tuple(ours),
        values_b=tuple(raw),
        gross=0.01,
    )


def _stalled(plan: Plan, web: str, what: str) -> Figure:
    grown = []
    port = free_port()
    log = plan.folder / f"offering-{port}.log"
    folder = plan.folder / f"offering-{port}"
    folder.mkdir()
    env = environment(folder, "") | {"THROUGHLINE_PORT": str(port), "THROUGHLINE_SERVER": web}
    with log.open("wb") as output:
        server = subprocess.Popen([sys.executable, "-m", "benchmarks.offering"], cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        wait_until(lambda: answers(port), process=server, log=log, seconds=30)
        seconds = 1.0 if plan.quick else 3.0
        _stall(port, what, server.pid, 0.5)
        for _ in range(1 if plan.quick else plan.rounds):
            grown.append(_stall(port, what, server.pid, seconds))
    finally:
        stop(server)
    title = {"outbox": "A live socket that is not read", "download": "A download that is not read"}[what]
    return Figure(
        key=f"sockets.stalled.{what}.{web}",
        title=f"{title} while {OFFERED} MB are offered, {web.capitalize()}",
        a="most growth of the process",
        b="",
        unit="MB",
        values_a=tuple(grown),
        target=5.0,
        at_least=False,
        gross=20.0,
    )


def _stall(port: int, what: str, pid: int, seconds: float) -> float:
    """MB by which the process grew at most within so many seconds of offering."""
    before = most = resident(pid)
    with closing(socket.create_connection(("127.0.0.1", port))) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if what == "download":
            line.sendall(b"GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        else:
            line.close()
            line, _ = frames.connect(port, "/live")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            most = max(most, resident(pid))
            time.sleep(0.02)
        line.close()
    time.sleep(0.5)
    return (most - before) / 1024


class Crowd:
    """A process of connections that come in when told to and stay. Use it in a `with`."""

    def __init__(self, port: int, place: Path, *, path: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.joining", str(port), path, str(place / "visitors.json")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def join(self, many: int, *, at_once: int = 50) -> dict[str, float]:
        """So many more, `at_once` of them under way; gives how many are `live` and after how many `seconds`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([many, at_once]) + "\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *problem: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()


@contextmanager
def _chat(plan: Plan, web: str, place: Path) -> Iterator[Server]:
    with _running(Server(plan, "chat", web=web, place=(place, ""))) as server:
        yield server


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


def _shop(plan: Plan, many: int) -> Path:
    """A data folder with so many visitors, each with a conversation of their own."""
    place = plan.folder / "visitors"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.visitors", str(many + FIRST)],
        cwd=ROOT,
        env=environment(place, ""),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(f"The visitors could not be prepared:\n{done.stderr[-4000:]}")
    return place


def resident(pid: int) -> float:
    """KB that a process holds in memory (RSS)."""
    text = Path(f"/proc/{pid}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
