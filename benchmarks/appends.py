"""What durable appends cost: the ledger's group commit against one transaction of the ORM per event, on the same disk and tables.

Run it with `python -m benchmarks.appends`. It makes a database of its own and removes it again; nothing else is touched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

SECONDS = 3.0
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--senders", type=int, default=200, help="tasks that append at once, as sockets do")
    parser.add_argument("--threads", type=int, default=16, help="threads that write through the ORM at once, as Django serves requests")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of one round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="throughline-bench-", dir=os.environ.get("BENCH_DIR"))
    server = os.environ.get("BENCH_POSTGRES", "")
    name = f"bench_{secrets.token_hex(4)}"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "server.settings",
        "THROUGHLINE_MODE": "test",
        "THROUGHLINE_DATA": folder,
        "THROUGHLINE_DATABASE": urlsplit(server)._replace(path=f"/{name}").geturl() if server else "",
    }
    try:
        _say(server, f"CREATE DATABASE {name}")
        _compare(arguments)
    finally:
        _say(server, f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(folder, ignore_errors=True)


def _say(server: str, statement: str) -> None:
    if server:
        import psycopg

        with closing(psycopg.connect(server, autocommit=True)) as connection:
            connection.execute(statement.encode())


def _compare(asked: argparse.Namespace) -> None:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from chat.ledger.writer import stop_writer

    conversations = [_opened() for _ in range(max(asked.senders, asked.threads))]
    group, single = [], []
    for _ in range(asked.rounds):
        # In turns, so that whatever else the machine does meets both alike.
        group.append(asyncio.run(_together(conversations[: asked.senders], asked.seconds)))
        single.append(_threads(conversations[: asked.threads], asked.seconds))
    stop_writer()
    version = ".".join(str(part) for part in _version(connection))
    print(f"{connection.vendor} {version}, {asked.rounds} rounds of {asked.seconds:g} s, median (least to most), durable commits")
    print(f"  append, {asked.senders:4} senders          {_figures(group)} events/s")
    print(f"  ORM transaction, {asked.threads:3} threads  {_figures(single)} events/s")
    ratios = [a / b for a, b in zip(group, single, strict=True)]
    print(f"  ratio                         {statistics.median(ratios):8.1f} ({min(ratios):.1f} to {max(ratios):.1f})")


def _version(connection: object) -> tuple[int, ...]:
    return tuple(connection.get_database_version())  # type: ignore[attr-defined]


def _figures(rates: list[float]) -> str:
    return f"{statistics.median(rates):8.0f} ({min(rates):.0f} to {max(rates):.0f})"


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
    begun = time.monotonic()

    async def sender(conversation: int) -> int:
        count = 0
        while time.monotonic() < begun + seconds:
            await _append(conversation)
            count += 1
        return count

    total = sum(await asyncio.gather(*map(sender, conversations)))
    return total / (time.monotonic() - begun)


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
