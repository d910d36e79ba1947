"""Durable mail against servers that throw their mail away: 16 senders over SMTP, each waiting for its 250, which the product says after the
commit. The same senders, verbs and bytes meet aiosmtpd with a handler that does nothing, and the least that can be called an SMTP server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.figures import Figure, Plan
from benchmarks.places import ROOT
from benchmarks.servers.running import Store, drop, environment
from tests.services.ports import answers, free_port, stop, wait_until

SENDERS = 16


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    octets: int
    most: int
    """Mails in one round of one side."""
    target: float
    gross: float


SIZES = (
    Size("5 KB", 5_000, 100_000, target=0.65, gross=0.25),
    Size("100 KB", 100_000, 2_000, target=1.0, gross=0.5),
    Size("5 MB", 5_000_000, 16, target=1.0, gross=0.7),
)


def figures(plan: Plan) -> Iterator[Figure]:
    yield from _against_sinks(plan, postgres=False)
    if plan.postgres and not plan.quick:
        yield from _against_sinks(plan, postgres=True)


def _against_sinks(plan: Plan, *, postgres: bool) -> Iterator[Figure]:
    with ExitStack() as stack:
        store = Store(plan, customers=1, conversations=1, postgres=postgres)
        stack.callback(store.drop)
        ports = {
            "durable": _gateway(plan, store, stack),
            "aiosmtpd": _sink("aiosmtpd", plan, stack),
            "least": _sink("least", plan, stack),
        }
        senders = _started([sys.executable, "-m", "benchmarks.load.smtp"], {}, plan, stack, pipes=True)
        for size in SIZES:
            rates = _in_turns(plan, senders, ports, size)
            yield from _compared(size, rates, engine="PostgreSQL" if postgres else "SQLite")


def _compared(size: Size, rates: dict[str, list[float]], *, engine: str) -> Iterator[Figure]:
    name = f"mail.{size.name.replace(' ', '').lower()}.{engine.lower()}"
    durable = f"kept on {engine}, then 250"
    yield Figure(
        key=f"{name}.aiosmtpd",
        title=f"SMTP accept, {size.name}, durable on {engine} / aiosmtpd no-op",
        a=durable,
        b="aiosmtpd, thrown away",
        unit="mails/s",
        values_a=tuple(rates["durable"]),
        values_b=tuple(rates["aiosmtpd"]),
        target=size.target,
        gross=size.gross,
    )
    yield Figure(
        key=f"{name}.least",
        title=f"SMTP accept, {size.name}, durable on {engine} / the least sink",
        a=durable,
        b="a protocol of 50 lines, thrown away",
        unit="mails/s",
        values_a=tuple(rates["durable"]),
        values_b=tuple(rates["least"]),
        note="What SMTP in Python costs at the very least; nothing is parsed, checked or kept on the other side.",
    )


def _in_turns(plan: Plan, senders: subprocess.Popen[bytes], ports: dict[str, int], size: Size) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for round_ in range(-1, plan.rounds):
        for name, port in ports.items():
            # One short round in advance: the first mails of a server meet cold paths.
            seconds = plan.seconds if round_ >= 0 else 0.2
            asked = {"port": port, "size": size.octets, "connections": SENDERS, "seconds": seconds, "most": size.most}
            answer = _asked(senders, asked)
            if round_ >= 0:
                rates[name].append(answer["mails"] / answer["seconds"])
    return rates


def _asked(senders: subprocess.Popen[bytes], asked: dict[str, float]) -> dict[str, float]:
    assert senders.stdin is not None
    assert senders.stdout is not None
    senders.stdin.write(json.dumps(asked).encode() + b"\n")
    senders.stdin.flush()
    line = senders.stdout.readline()
    if not line:
        raise RuntimeError("The senders ended; their last words are above.")
    return dict(json.loads(line))


def _gateway(plan: Plan, store: Store, stack: ExitStack) -> int:
    folder, database = store.copy()
    if database:
        stack.callback(drop, database)
    port = free_port()
    env = environment(folder, database) | {"THROUGHLINE_SMTP_PORT": str(port), "THROUGHLINE_MAIL_DOMAIN": "support.example"}
    _listening([sys.executable, "-m", "server", "mail"], env, port, plan, stack)
    return port


def _sink(what: str, plan: Plan, stack: ExitStack) -> int:
    port = free_port()
    _listening([sys.executable, "-m", "benchmarks.servers.smtp_sinks", what, str(port)], {}, port, plan, stack)
    return port


def _listening(command: list[str], env: dict[str, str], port: int, plan: Plan, stack: ExitStack) -> None:
    process = _started(command, env, plan, stack)
    wait_until(lambda: answers(port), process=process, seconds=60)


def _started(command: list[str], env: dict[str, str], plan: Plan, stack: ExitStack, *, pipes: bool = False) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE if pipes else None
    process = subprocess.Popen(command, cwd=ROOT, env=env or None, stdin=pipe, stdout=pipe)
    stack.callback(stop, process, seconds=20)
    return process
