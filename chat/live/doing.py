"""Actions of one socket, one after the other, so that what was sent in order is stored in order. Knows no action."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError

from chat.actions.action import answered, perform
from chat.ledger import recent
from chat.ledger.append import Busy, Refused
from chat.ledger.seal import NotSealable
from chat.live import holding
from chat.live.faults import where
from chat.live.frames import Do, identifier

if TYPE_CHECKING:
    from chat.live.socket import Socket

log = structlog.get_logger()
WAITING = 64
"""Actions that may wait; beyond, the socket is read no further until they are done."""


class Doing:
    """A task is there only while there is something to do."""

    __slots__ = ("_socket", "_task", "_waiting")

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._waiting: list[Do] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, frame: Do) -> asyncio.Task[None] | None:
        """Do it after what waits already. Gives something to wait for if too much does."""
        self._waiting.append(frame)
        if self._task is None:
            self._task = self._socket.spawn(self._run())
        return self._task if len(self._waiting) > WAITING else None

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._one(self._waiting.pop(0))
        finally:
            self._task = None

    async def _one(self, frame: Do) -> None:
        socket = self._socket
        conversation = identifier(frame.conversation)
        try:
            wait = socket.too_fast(frame.action)
            if wait:
                self._refused(frame, "limit", "That was very fast. It is tried again in a moment.", retry_after=round(wait, 1))
                return
            if frame.hold and (waiting := await holding.kept(socket, frame)):
                socket.put("ack", key=frame.key, conversation=str(conversation), position=0, at=waiting.at, held=True)
                return
            receipt = await perform(
                socket.who,
                frame.action,
                frame.form,
                key=frame.key,
                channel=socket.channel,
                conversation=conversation,
                site=socket.site,
                known=socket.case(conversation),
            )
        except Refused as refusal:
            # Perhaps another process knows more than this one: the next try looks it up.
            recent.forget(conversation)
            self._refused(frame, refusal.code, str(refusal), field=getattr(refusal, "field", ""))
        except NotSealable as problem:
            self._refused(frame, "form", str(problem))
        except DatabaseError as problem:
            log.warning("live_store_away", problem=type(problem).__name__)
            self._refused(frame, Busy.code, "The store cannot be reached. Nothing was written; try again in a moment.")
        except Exception as problem:
            log.error("live_action_failed", action=frame.action, problem=type(problem).__name__, where=where(problem))
            self._refused(frame, "failed", "Something went wrong here. Trying again with the same key is safe.")
        else:
            # First who they are now: their next frame may count on it.
            await socket.known_again(frame.action)
            at = receipt.written[receipt.main].at
            extra = answered(socket.who, frame.action, frame.form, receipt)
            socket.put("ack", key=frame.key, conversation=str(receipt.conversation), position=receipt.position, at=at, **extra)
            await socket.did(receipt.conversation)

    def _refused(self, frame: Do, code: str, message: str, *, field: str = "", **more: Any) -> None:
        self._socket.put("refused", key=frame.key, code=code, message=message, field=field, **more)
