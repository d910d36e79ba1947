"""What somebody has seen, kept as a quiet event: at most one a second and conversation, the furthest wins. Knows no page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from chat.events.talk import MessageSeen
from chat.ledger import read, recent
from chat.ledger.append import Command, Fact, Refused, append
from chat.ledger.read import in_thread

if TYPE_CHECKING:
    from chat.live.socket import Socket

log = structlog.get_logger()
PAUSE = 1.0
"""Seconds between two such events of a socket."""


class Seeing:
    __slots__ = ("_noted", "_socket", "_task", "_told")

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._noted: dict[int, int] = {}
        self._told: dict[int, int] = {}
        self._task: asyncio.Task[None] | None = None

    def saw(self, conversation: int, position: int) -> None:
        if position <= max(self._told.get(conversation, 0), self._noted.get(conversation, 0)):
            return
        self._noted[conversation] = position
        if self._task is None or self._task.done():
            self._task = self._socket.spawn(self._soon())

    async def flush(self) -> None:
        """Append what was noted. Losing one is harmless (a line is mailed that was seen), so a refusal only waits for the next."""
        while self._noted:
            conversation, position = self._noted.popitem()
            self._told[conversation] = position
            try:
                await self._append(conversation, position)
            except Refused as refusal:
                log.info("live_seen_not_kept", code=refusal.code)

    async def _soon(self) -> None:
        await self.flush()
        await asyncio.sleep(PAUSE)
        await self.flush()

    async def _append(self, conversation: int, position: int) -> None:
        who = self._socket.who
        head = recent.head(conversation) or await in_thread(read.head, conversation)
        if not who.ref or head is None:
            return
        known = head.state.seen.get(who.ref, 0)
        # To an agent only words are news: what the other side has seen, or saved, is no line that waits to be read.
        if known >= position or (who.side == "agents" and known >= head.state.last_word.position):
            return
        said = MessageSeen(by=who.name, upto=position)
        fact = Fact(conversation=conversation, body=said, actor=who.ref, channel=self._socket.channel, key=f"seen:{position}")
        await append(Command(facts=(fact,)))
