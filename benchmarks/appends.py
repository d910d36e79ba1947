"""What durable appends cost: the ledger's group commit with 128 senders waiting against one transaction of the ORM for each message, and on
PostgreSQL against pgbench's single-row commits of the same octets. Same disk, same tables, same server settings.

`python -m benchmarks.appends` measures one engine alone (BENCH_POSTGRES, else SQLite) in a database of its own, which it removes again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.figures import Figure, Plan
from benchmarks.pgbench import Pgbench
from benchmarks.places import ROOT

SENDERS = 128
SECONDS = 3.0
ROUNDS = 5


def figures(plan: Plan) -> Iterator[Figure]:
    yield from _of_engine("SQLite", plan, postgres="", target=15, gross=4)
    if plan.postgres:
        yield from _of_engine("PostgreSQL", plan, postgres=plan.postgres, target=30, gross=8)


def _of_engine(engine: str, plan: Plan, *, postgres: str, target: float, gross: float) -> Iterator[Figure]:
    asked = [sys.executable, "-m", "benchmarks.appends", "--json", f"--seconds={plan.seconds}", f"--rounds={plan.rounds}"]
    place = os.environ | {"BENCH_POSTGRES": postgres, "BENCH_DIR": str(plan.folder)}
    done = subprocess.run(asked, cwd=ROOT, env=place, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    taken = json.loads(done.stdout)
    rates = {name: tuple(values) for name, values in taken["rates"].items()}

    def against(side: str, title: str, b: str, target: float | None, gross: float | None) -> Figure:
        return Figure(
            key=f"appends.{engine.lower()}.{side}",
            title=f"append with {SENDERS} waiting / {title}, {engine}",
            a=f"append, {SENDERS} senders in one loop",
            b=b,
            unit="events/s",
            values_a=rates["append"],
            values_b=rates[side],
            target=target,
            gross=gross,
        )

    orm = "lock the conversation, add the row, move the head in one transaction of Django's ORM; no seal, no fold"
    consumers = f"{SENDERS} senders in one loop, each through sync_to_async as a consumer does: {orm}"
    yield against("orm", "one ORM transaction per message", consumers, target, gross)
    yield against("threads", f"the same transactions from {taken['threads']} threads", f"{taken['threads']} threads: {orm}", None, None)
    if "pgbench" in rates:
        commits = f"pgbench -M prepared -j 2 -c {taken['clients']} (its best): one INSERT of the same octets, no head, no foreign key"
        yield against("pgbench", "pgbench single-row commits", commits, 0.8, 0.25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--senders", type=int, default=SENDERS, help="tasks that append at once, as sockets do")
    parser.add_argument("--threads", type=int, default=16, help="threads that write through the ORM at once, as Django serves requests")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of one round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="print the rates of all rounds for a program")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="throughline-bench-", dir=os.environ.get("BENCH_DIR"))
    server = os.environ.get("BENCH_POSTGRES", "")
    name = f"bench_{secrets.token_hex(4)}"
    database = urlsplit(server)._replace(path=f"/{name}").geturl() if server else ""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "THROUGHLINE_MODE": "test",
        "THROUGHLINE_DATA": folder,
        "THROUGHLINE_DATABASE": database,
    }
    try:
        _say(server, f"CREATE DATABASE {name}")
        _compare(arguments, database, Path(folder))
    finally:
        _say(server, f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(folder, ignore_errors=True)


def _say(server: str, statement: str) -> None:
    if server:
        import psycopg

        with closing(psycopg.connect(server, autocommit=True)) as connection:
            connection.execute(statement.encode())


def _compare(asked: argparse.Namespace, database: str, folder: Path) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from chat.ledger.writer import stop_writer
    from server import pace

    pace.set_up()  # as a server does, for both sides

    conversations = [_opened() for _ in range(max(asked.senders, asked.threads))]
    stop_writer()
    other = Pgbench(database, folder, _octets()) if database else None
    sides: dict[str, Callable[[], float]] = {
        "append": lambda: asyncio.run(_together(conversations[: asked.senders], asked.seconds)),
        "orm": lambda: asyncio.run(_consumers(conversations[: asked.senders], asked.seconds)),
        "threads": lambda: _threads(conversations[: asked.threads], asked.seconds),
    }
    if other is not None:
        sides["pgbench"] = lambda: other.rate(asked.seconds)
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(asked.rounds):
        # In turns, so that whatever else the machine does meets all alike.
        for name, side in sides.items():
            rates[name].append(side())
    if asked.json:
        print(json.dumps({"rates": rates, "threads": asked.threads, "clients": other.clients if other else 0}))
        return
    print(f"{asked.rounds} rounds of {asked.seconds:g} s, events/s, median (least to most); append / each of the others")
    for name, taken in rates.items():
        ratios = [a / b for a, b in zip(rates["append"], taken, strict=True)]
        print(f"  {name:8} {_figures(taken)}  {_figures(ratios, 2)}")


def _figures(rates: list[float], digits: int = 0) -> str:
    return f"{statistics.median(rates):8.{digits}f} ({min(rates):.{digits}f} to {max(rates):.{digits}f})"


def _octets() -> list[int]:
    """What an event of ours takes: key_salt, header, digests, body, seal."""
    from django.db import connection

    asyncio.run(_together([_opened()], 0.1))
    columns = ", ".join(f"length({name})" for name in ("key_salt", "header", "digests", "body", "seal"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM chat_event ORDER BY id DESC LIMIT 1")
        return list(cursor.fetchone())


def _opened() -> int:
    from chat.events.lifecycle import ConversationOpened
    from chat.ledger.append import Command, Fact, Opens, append_sync

    cid = secrets.randbits(62) | 1
    fact = Fact(conversation=cid, body=ConversationOpened.example(), actor="customer:41", channel="widget", key="open")
    append_sync(Command(facts=(fact,), opens=Opens(conversation=cid, site=1, source="bench", key=str(cid))))
    return cid


async def _append(conversation: int) -> None:
    """The real thing: guards, fold, seal, all rows. The sender waits for its commit."""
    from chat.events.talk import MessageSaid
    from chat.ledger.append import Command, Fact, append

    fact = Fact(
        conversation=conversation,
        body=MessageSaid(by="Nadia", text="My lamp came with a dent."),
        actor="customer:41",
        channel="widget",
        key=secrets.token_hex(8),
    )
    await append(Command(facts=(fact,)))


def _orm(conversation: int) -> None:
    """What one would write without a ledger: lock the conversation, add the row, move the head. It seals and folds nothing."""
    from django.db import transaction
    from django.db.models import QuerySet

    from chat.ledger.models import Conversation, Event

    with transaction.atomic():
        held: QuerySet[Conversation] = Conversation.objects.select_for_update().filter(pk=conversation)
        head = held.get()
        position = head.position + 1
        event = Event(
            conversation_id=conversation,
            site=1,
            position=position,
            kind="message.said",
            kind_version=1,
            actor="customer:41",
            channel="widget",
            audience="everyone",
            disclose="yes",
            at=head.last_at + 1,
            key=secrets.token_hex(8),
            key_salt=bytes(16),
            header=b"x" * 400,
            digests="x" * 900,
            body="x" * 1200,
            seal=bytes(32),
        )
        Event.objects.bulk_create([event])
        held.update(position=position, last_at=head.last_at + 1, head=bytes(32))


async def _together(conversations: list[int], seconds: float) -> float:
    """Events a second, each sender a task in one event loop with a conversation of its own."""
    from chat.ledger.writer import leave, live_here

    await live_here()
    begun = time.monotonic()

    async def sender(conversation: int) -> int:
        count = 0
        while time.monotonic() < begun + seconds:
            await _append(conversation)
            count += 1
        return count

    total = sum(await asyncio.gather(*map(sender, conversations)))
    rate = total / (time.monotonic() - begun)
    await leave()
    return rate


async def _consumers(conversations: list[int], seconds: float) -> float:
    """Events a second, the same senders in one event loop; each hands its transaction to the thread that Django's async code shares."""
    from asgiref.sync import sync_to_async
    from django.db import connection

    begun = time.monotonic()
    orm = sync_to_async(_orm)

    async def sender(conversation: int) -> int:
        count = 0
        while time.monotonic() < begun + seconds:
            await orm(conversation)
            count += 1
        return count

    total = sum(await asyncio.gather(*map(sender, conversations)))
    rate = total / (time.monotonic() - begun)
    await sync_to_async(lambda: connection.close())()
    return rate


def _threads(conversations: list[int], seconds: float) -> float:
    """Events a second, each sender in a thread of its own with a conversation of its own."""
    from django.db import connection

    until = time.monotonic() + seconds
    ready = threading.Barrier(len(conversations) + 1)

    def sender(conversation: int) -> int:
        count = 0
        ready.wait()
        while time.monotonic() < until:
            _orm(conversation)
            count += 1
        connection.close()
        return count

    with ThreadPoolExecutor(len(conversations)) as threads:
        running = [threads.submit(sender, conversation) for conversation in conversations]
        ready.wait()
        begun = time.monotonic()
        total = sum(future.result() for future in running)
        return total / (time.monotonic() - begun)


if __name__ == "__main__":
    main()
