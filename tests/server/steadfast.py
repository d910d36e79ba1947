"""People who go on whatever dies: a chat that comes back and says again what was not acknowledged, and a mail server that tries again."""

from __future__ import annotations

import asyncio
import smtplib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from email.message import EmailMessage
from typing import Any

import websockets

from tests.chat.live.line import Client

Door = Callable[[], AbstractAsyncContextManager[Client]]
PAUSE = 0.06
"""Seconds between two lines, so that a burst is still under way when something dies."""


class Talker:
    """Says `lines` (a form each) in one conversation with `action`, and keeps every event it hears, in order and without a gap."""

    def __init__(self, door: Door, action: str, lines: list[dict[str, Any]], *, conversation: str, visitor: str = "") -> None:
        self._door, self._action, self.conversation, self._visitor = door, action, conversation, visitor
        self._to_say = {f"{action}-{number}": form for number, form in enumerate(lines)}
        self._connection: Client | None = None
        self.acknowledged: dict[str, int] = {}
        self.heard: dict[int, dict[str, Any]] = {}
        self.connections = 0

    @property
    def said_all(self) -> bool:
        return not self._to_say

    @property
    def last(self) -> int:
        return max(self.heard, default=0)

    def texts(self) -> list[str]:
        return [event["body"]["text"].strip() for event in self.heard.values() if event["kind"] == "message.said"]

    async def run(self) -> None:
        """For ever: comes back whenever the line is cut, or nobody answers at the door."""
        while True:
            with suppress(websockets.WebSocketException, OSError, TimeoutError):
                async with self._door() as client:
                    await self._talk(client)
            await asyncio.sleep(0.1)

    async def _talk(self, client: Client) -> None:
        await client.hello(visitor=self._visitor, conversation=self.conversation, after=self.last)
        self.connections += 1
        speaking = asyncio.create_task(self._speak(client))
        try:
            while True:
                self._take(await client.any(within=60))
        finally:
            speaking.cancel()

    async def _speak(self, client: Client) -> None:
        with suppress(websockets.ConnectionClosed):
            for key, form in list(self._to_say.items()):
                await client.do(self._action, self.conversation, key=key, **form)
                await asyncio.sleep(PAUSE)

    def _take(self, frame: dict[str, Any]) -> None:
        assert frame["t"] != "refused", frame
        if frame["t"] == "ack":
            self._to_say.pop(frame["key"], None)
            self.acknowledged[frame["key"]] = frame["position"]
        elif frame["t"] == "event" and frame["position"] not in self.heard:
            assert frame["prev"] == self.last, f"{frame['prev']} is not {self.last}: an event was left out before {frame}"
            self.heard[frame["position"]] = frame


class Poster(threading.Thread):
    """Nadia's mail server: one connection a mail, and the same mail again until it gets its 250."""

    def __init__(self, port: int, to: str, texts: list[str]) -> None:
        super().__init__(daemon=True)
        self._port, self._to, self._texts = port, to, texts
        self.kept: list[str] = []
        self.refusals = 0

    def run(self) -> None:
        until = time.monotonic() + 60
        for text in self._texts:
            while text not in self.kept and time.monotonic() < until:
                try:
                    with smtplib.SMTP("127.0.0.1", self._port, timeout=10) as line:
                        line.send_message(self._mail(text))
                        self.kept.append(text)
                except (OSError, smtplib.SMTPException):
                    self.refusals += 1
                time.sleep(PAUSE)

    def _mail(self, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Nadia <nadia@customer.example>", self._to, "Re: Lamp"
        mail["Message-ID"] = f"<{text.replace(' ', '-')}@customer.example>"
        mail.set_content(text)
        return mail
