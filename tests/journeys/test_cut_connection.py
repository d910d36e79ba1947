"""A thousand messages over lines that are cut again and again: each arrives once, in order, and no note leaves a trace."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import pytest
import websockets

from chat.ledger import read
from chat.ledger.event import Audience
from chat.live import limits
from chat.live.limits import Rate
from tests.chat.live.line import Client, Live, served

MESSAGES = 1000
NOTES = 60
AHEAD = 24
"""Messages on their way at once."""
GONE = (websockets.ConnectionClosed, TimeoutError, OSError)


class Stubborn:
    """A client as docs/protocol.md wants it: keeps what is unsent and its last position, and comes back after every cut."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Client]], conversation: str, **hello: Any) -> None:
        self.connect, self.conversation, self.hello = connect, conversation, hello
        self.unsent: list[tuple[str, str, str]] = []
        self.events: list[dict[str, Any]] = []
        self.lines = 0
        self.said = 0

    async def run(self, chance: random.Random, until: Callable[[], bool]) -> None:
        while not until():
            with suppress(*GONE):
                async with self.connect() as client:
                    self.lines += 1
                    held = self.events[-1]["position"] if self.events else 0
                    await client.hello(**self.hello, conversation=self.conversation, after=held)
                    await self._talk(client, chance.randint(60, 220), until)
                    client.cut()

    async def _talk(self, client: Client, frames: int, until: Callable[[], bool]) -> None:
        """Send what waits and read, until the line is cut in the middle of whatever happens then."""
        sent = 0
        for _ in range(frames):
            while sent < min(AHEAD, len(self.unsent)):
                key, action, text = self.unsent[sent]
                await client.do(action, self.conversation, key=key, text=text)
                sent += 1
            frame = await client.any(within=2)
            if frame["t"] == "event":
                # The protocol's own rule for a gap: prev is the position I hold.
                assert frame["prev"] == (self.events[-1]["position"] if self.events else 0)
                self.events.append(frame)
                self.said += frame["kind"] == "message.said"
            elif frame["t"] == "ack":
                assert frame["key"] == self.unsent[0][0], "acks come in the order of sending"
                self.unsent.pop(0)
                sent -= 1
            if until():
                return

    def texts(self, kind: str = "message.said") -> list[str]:
        return [event["body"]["text"] for event in self.events if event["kind"] == kind]


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in list(limits.TABLE):
        monkeypatch.setitem(limits.TABLE, kind, Rate(1_000_000, 0.000_001))


@pytest.mark.usefixtures("database", "no_limits")
async def test_a_thousand_messages_over_a_line_that_is_cut_arrive_once_and_in_order() -> None:
    chance = random.Random(20_251_121)
    async with served() as live:
        async with live.connect() as client:
            token = (await client.hello())["visitor"]
            conversation = (await client.done("open", text="first"))["conversation"]
        nadia, tom = _nadia(live, token, conversation), _tom(live, conversation)
        nadia.unsent = [(f"line-{n}", "say", f"message {n}") for n in range(MESSAGES)]
        tom.unsent = [(f"note-{n}", "note", f"note {n}") for n in range(NOTES)]
        expected = ["first", *(f"message {n}" for n in range(MESSAGES))]

        def over() -> bool:
            return nadia.said == tom.said == len(expected) and not nadia.unsent and not tom.unsent

        async with asyncio.timeout(60):
            await asyncio.gather(nadia.run(chance, over), tom.run(chance, over))

    assert nadia.texts() == tom.texts() == expected
    assert tom.texts("note.added") == [f"note {n}" for n in range(NOTES)] and nadia.texts("note.added") == []
    assert nadia.lines > 5 and tom.lines > 5
    stored = list(read.events(int(conversation), audience=Audience.AGENTS))
    assert [entry.position for entry in stored] == list(range(1, len(stored) + 1))
    assert [entry.values["text"] for entry in stored if entry.kind == "message.said"] == expected


def _nadia(live: Live, token: str, conversation: str) -> Stubborn:
    return Stubborn(live.connect, conversation, visitor=token)


def _tom(live: Live, conversation: str) -> Stubborn:
    cookie = live.cookie("Tom")
    return Stubborn(lambda: live.connect("inbox", additional_headers={"Cookie": cookie}), conversation)
