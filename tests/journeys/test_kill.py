"""kill -9 in the middle of a burst, again and again: whatever was acknowledged is there, whatever was sent again is there once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import smtplib
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import websockets

from tests.chat.live.line import Client
from tests.conftest import ENGINE
from tests.journeys.shop import Shop
from tests.services import RunningServer
from tests.services.product import ROOT

pytestmark = [pytest.mark.journey, pytest.mark.engine]

ROUNDS = 10
ROWS = [7, 8] if ENGINE == "sqlite" else [7]
"""One row of kills for each seed. On PostgreSQL each row ends with a minute of waiting, until the lease of a killed intake has run out."""
TEXTS = """
import json
import django
django.setup()
from chat.ledger import read, received
from chat.ledger.event import Audience
found = [
    entry.values["text"].strip()
    for cid in read.all_conversations(limit=10_000)
    for entry in read.events(cid, audience=Audience.AGENTS)
    if entry.kind in ("message.said", "note.added")
]
print(json.dumps([received.count("email", received.WAITING), found]))
"""


class Sender:
    """Says one line after another without waiting, remembers what was acknowledged, and says again with the same key what was not."""

    def __init__(self, action: str, *, most: int) -> None:
        self.action, self._most = action, most
        self.acknowledged: dict[str, str] = {}
        self._pending: dict[str, str] = {}
        self._numbers = itertools.count(1)

    async def burst(self, client: Client, conversation: str, heard: Callable[[], None]) -> None:
        fresh = {f"{self.action}-key-{n}": f"{self.action} {n}" for n in itertools.islice(self._numbers, self._most - len(self._pending))}
        self._pending |= fresh
        for key, text in self._pending.copy().items():
            await client.do(self.action, conversation, key=key, text=text)
        while self._pending:
            frame = await client.any(within=30)
            assert frame["t"] != "refused", frame
            if frame["t"] == "ack":
                self.acknowledged[frame["key"]] = self._pending.pop(frame["key"])
                heard()


class Poster:
    """Nadia's mail server: sends mail after mail, and again what was not answered with 250."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self._numbers = itertools.count(1)
        self._in_hand = ""

    def burst(self, port: int, heard: Callable[[], None]) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
            while True:
                self._in_hand = self._in_hand or f"mail {next(self._numbers)}"
                line.send_message(self._mail(self._in_hand))
                self.kept.append(self._in_hand)
                self._in_hand = ""
                heard()

    def _mail(self, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Nadia <nadia@customer.example>", "support@support.example", text
        mail["Message-ID"] = f"<{text.replace(' ', '-')}@customer.example>"
        mail.set_content(text)
        return mail


@pytest.mark.parametrize("seed", ROWS)
async def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_there_twice(running_server: RunningServer, seed: int) -> None:
    server, shop = running_server, Shop(running_server)
    nadia, tom, post = Sender("say", most=25), Sender("note", most=100), Poster()
    async with websockets.connect(f"ws://127.0.0.1:{server.port}/live/widget") as connection:
        client = Client(connection)
        visitor = (await client.hello(visitor=""))["visitor"]
        await client.do("open", key="opened", text="The first line", name="Nadia")
        conversation = (await client.next("ack", within=30, key="opened"))["conversation"]

    chance = random.Random(seed)
    for number in range(ROUNDS):
        await _one_burst(server, shop, (nadia, tom, post), visitor, conversation, kill_after=chance.randrange(1, 60))
        await asyncio.get_running_loop().run_in_executor(None, server.start)
        assert len(tom.acknowledged) >= number

    await _one_burst(server, shop, (nadia, tom, post), visitor, conversation, kill_after=0)
    texts = Counter(await _texts(server))
    assert len(tom.acknowledged) > ROUNDS
    assert len(post.kept) > ROUNDS
    for said in (*nadia.acknowledged.values(), *tom.acknowledged.values(), *post.kept):
        assert texts[said] == 1, f"{said!r} is there {texts[said]} times"
    assert not [text for text, count in texts.items() if count > 1]
    server.stop()
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stdout


async def _one_burst(
    server: RunningServer, shop: Shop, senders: tuple[Sender, Sender, Poster], visitor: str, conversation: str, *, kill_after: int
) -> None:
    """Everybody sends at once; after so many acknowledgements the server is killed (0: never, and the chats come to their end)."""
    nadia, tom, post = senders
    loop, heard, enough = asyncio.get_running_loop(), itertools.count(1), asyncio.Event()

    def hear() -> None:
        if next(heard) == kill_after:
            loop.call_soon_threadsafe(enough.set)

    async def customer() -> None:
        async with websockets.connect(f"ws://127.0.0.1:{server.port}/live/widget") as connection:
            client = Client(connection)
            await client.hello(visitor=visitor)
            await nadia.burst(client, conversation, hear)

    async def agent() -> None:
        async with shop.agent("Tom") as client:
            await tom.burst(client, conversation, hear)

    chats = [asyncio.create_task(customer()), asyncio.create_task(agent())]
    if not kill_after:
        await asyncio.gather(*chats)
        return
    mails = loop.run_in_executor(None, post.burst, server.smtp_port, hear)
    async with asyncio.timeout(30):
        await enough.wait()
    server.kill()
    for ended in await asyncio.gather(*chats, return_exceptions=True):
        assert ended is None or isinstance(ended, websockets.WebSocketException | OSError), ended
    await mails


async def _texts(server: RunningServer) -> list[str]:
    """Everything that was said, once no mail waits to be read any more."""
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    async with asyncio.timeout(60):
        while True:
            command = [sys.executable, "-c", TEXTS]
            done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            waiting, texts = json.loads(done.stdout.splitlines()[-1])
            if not waiting:
                return list(texts)
            await asyncio.sleep(0.5)
