"""Two of each role behind the nginx of docs/operations.md: one of each pair is killed in the middle, and everything is there once."""

from __future__ import annotations

import asyncio
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from tests.journeys.shop import Shop
from tests.server.front import Front
from tests.server.steadfast import Poster, Talker
from tests.services import MailSink, Postgres, Redis, RunningServer, free_port

SECRET = "one secret for all processes of this house"
LINES = 16
"""Of each kind: what Nadia says in the chat, what she mails, what Tom says in the chat."""
LETTERS = 8
"""Answers of Tom by e-mail."""
IN_HAND = (
    "SELECT 'chat_received', id, lease FROM chat_received WHERE state = 'waiting' AND lease > 0 "
    "UNION ALL SELECT 'chat_delivery', id, lease FROM chat_delivery WHERE state IN ('queued', 'delayed') AND lease > 0"
)


@pytest.fixture
def front(services_folder: Path) -> Iterator[Front]:
    made = Front(services_folder / f"front-{free_port()}")
    yield made
    made.stop()


@dataclass
class House:
    """Two of each role; the web servers are of both kinds."""

    web: list[RunningServer]
    mail: list[RunningServer]
    work: list[RunningServer]

    async def start(self) -> None:
        starts = [*(server.start for server in self.web), *(server.start_role for server in (*self.mail, *self.work))]
        await asyncio.gather(*(asyncio.to_thread(start) for start in starts))


@pytest.fixture
def house(
    front: Front,
    server_factory: Callable[..., RunningServer],
    postgres_server: Postgres,
    redis_server: Redis,
    mail_sink: MailSink,
    services_folder: Path,
) -> House:
    shared = {
        "database": postgres_server.create_database(),
        "redis": redis_server.url,
        "blobs": str(services_folder / f"blobs-{front.port}"),
        "secret": SECRET,
        "public_url": front.url,
        "trusted_proxies": 1,
        "relay": f"127.0.0.1:{mail_sink.port}",
    }
    made = House(
        web=[server_factory(command="serve", server=kind, **shared) for kind in ("daphne", "uvicorn")],
        mail=[server_factory(command="mail", **shared) for _ in range(2)],
        work=[server_factory(command="work", **shared) for _ in range(2)],
    )
    assert made.work[0].run("migrate").returncode == 0
    front.start(web=(made.web[0].port, made.web[1].port), mail=(made.mail[0].smtp_port, made.mail[1].smtp_port))
    return made


async def test_one_of_each_pair_dies_and_nothing_is_lost_or_doubled(house: House, front: Front, mail_sink: MailSink) -> None:
    shop = Shop(house.work[0])
    await house.start()
    async with front.door("widget") as client:
        visitor = (await client.hello(visitor=""))["visitor"]
        conversation = (await client.done("open", text="The first line", name="Nadia"))["conversation"]
        await client.done("move", conversation, address="nadia@customer.example")
    invitation = (await asyncio.to_thread(mail_sink.wait_for, 1))[0].message

    nadia_at: list[int] = []
    tom_at: list[int] = []
    cookie = f"sessionid={shop.agents['Tom'][1]}"
    told, mailed, answered = ([f"{word} {n}" for n in range(LINES)] for word in ("said", "mailed", "answered"))
    letters = [f"letter {n}" for n in range(LETTERS)]
    answers = [{"text": text, "by": "chat"} for text in answered] + [{"text": text, "by": "email"} for text in letters]
    nadia = Talker(
        lambda: front.door("widget", seen=nadia_at.append),
        "say",
        [{"text": text} for text in told],
        conversation=conversation,
        visitor=visitor,
    )
    tom = Talker(lambda: front.door("inbox", cookie=cookie, seen=tom_at.append), "reply", answers, conversation=conversation)
    post = Poster(front.smtp_port, str(invitation["Reply-To"] or invitation["From"]), mailed)
    tasks = [asyncio.create_task(talker.run()) for talker in (nadia, tom)]
    post.start()

    await _until(lambda: min(len(nadia.acknowledged), len(tom.acknowledged), len(post.kept)) >= LINES // 4, *tasks)
    assert nadia_at != tom_at, "They were to meet across two processes."
    next(server for server in house.web if server.port == nadia_at[0]).kill()
    house.mail[0].kill()
    house.work[0].kill()
    assert not any((nadia.said_all, tom.said_all, post.kept == mailed)), "They died too late to show anything."

    await _until(lambda: nadia.said_all and tom.said_all and post.kept == mailed, *tasks)
    tasks.append(asyncio.create_task(_as_if_leases_of_the_dead_had_run_out(house.work[1])))
    everything = Counter(["The first line", *told, *mailed, *answered, *letters])
    with suppress(TimeoutError):
        await _until(lambda: Counter(nadia.texts()) == Counter(tom.texts()) == everything and not _unsent(letters, mail_sink), *tasks)
    for task in tasks:
        task.cancel()

    assert Counter(tom.texts()) == everything
    assert Counter(nadia.texts()) == everything
    assert [len(_identifiers(letter, mail_sink)) for letter in letters] == [1] * LETTERS
    assert nadia.connections > 1
    saved = await _transcript(front, conversation, visitor)
    assert everything.keys() <= {line.strip() for line in saved.splitlines()}
    verified = house.web[0].run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_server_behind_learns_who_asks_and_nothing_that_was_made_up(front: Front) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Repeats) as behind:
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        front.start(web=(behind.server_port, behind.server_port), mail=(free_port(), free_port()))
        asking = HTTPSConnection("localhost", front.port, context=front.certificate.trusting(), source_address=("127.0.7.9", 0), timeout=10)
        asking.request("GET", "/", headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "http"})
        heard = asking.getresponse().read().decode().splitlines()
        asking.close()
        behind.shutdown()
    assert [line for line in heard if line.startswith(("Host", "X-Forwarded"))] == [
        f"Host: localhost:{front.port}",
        "X-Forwarded-For: 127.0.7.9",
        "X-Forwarded-Proto: https",
    ]


class _Repeats(BaseHTTPRequestHandler):
    """Answers with the headers it got."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers).encode())

    def log_message(self, format: str, *values: object) -> None:
        """Says nothing."""


async def _transcript(front: Front, conversation: str, visitor: str) -> str:
    """As Nadia takes it away, asked for in one connection and fetched in another."""
    async with front.door("widget") as client:
        await client.hello(visitor=visitor)
        address = (await client.done("take", conversation, format="text"))["url"]
    asking = urllib.request.Request(f"{front.url}{address}")
    answer = await asyncio.to_thread(urllib.request.urlopen, asking, timeout=20, context=front.certificate.trusting())
    return str(answer.read().decode())


async def _until(true: Callable[[], bool], *tasks: asyncio.Task[None], seconds: float = 25) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)


async def _as_if_leases_of_the_dead_had_run_out(server: RunningServer) -> None:
    """What nobody moved for two seconds is in a dead worker's hand. Its lease ends now instead of in some minutes."""
    before: set[tuple[str, int, int]] = set()
    while True:
        async with await psycopg.AsyncConnection.connect(str(server.settings["database"]), autocommit=True) as connection:
            now = set(await (await connection.execute(IN_HAND)).fetchall())
            for table, row, lease in now & before:
                await connection.execute(f"UPDATE {table} SET lease = 0 WHERE id = %s AND lease = %s", (row, lease))
        before = now
        await asyncio.sleep(2)


def _unsent(letters: list[str], sink: MailSink) -> list[str]:
    return [letter for letter in letters if not _identifiers(letter, sink)]


def _identifiers(letter: str, sink: MailSink) -> set[str]:
    """Message-IDs under which an answer went out: a mail may come twice, as one and the same."""
    return {str(caught.message["Message-ID"]) for caught in sink.mails if letter in _lines(caught.message)}


def _lines(message: EmailMessage) -> list[str]:
    body = message.get_body(("plain",))
    return body.get_content().splitlines() if body else []
