"""Actions that wait for some seconds, so that their author can take them back: kept durable before anybody is told, performed by a worker.

What waits has no place in the record: nothing was said yet. Knows no action; which ones may wait they say themselves.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import DatabaseError

from chat.actions.access import Who
from chat.actions.action import check, perform
from chat.ledger import announce, read
from chat.ledger.append import Busy, Refused
from chat.ledger.read import in_thread
from chat.ledger.seal import NotSealable
from chat.live import who as people
from chat.live.frames import Do, identifier
from chat.people import held, uploads
from chat.people.held import SECOND, Waiting
from chat.people.models import Agent

if TYPE_CHECKING:
    from chat.live.socket import Socket

log = structlog.get_logger()
LOOK = 0.5
"""Seconds between two looks at what is due."""
CHANNEL = "inbox"


async def kept(socket: Socket, frame: Do) -> Waiting | None:
    """Hold it back, if it may wait; None if it is to be performed at once. Raises as the action would now."""
    if not settings.UNDO or socket.who.side != "agents":
        return None
    waiting = await in_thread(_kept, socket.who, socket.channel, frame)
    if waiting is not None:
        _tell(waiting.conversation)
    return waiting


def _kept(who: Who, channel: str, frame: Do) -> Waiting | None:
    conversation = identifier(frame.conversation)
    if not check(who, frame.action, frame.form, key=frame.key, channel=channel, conversation=conversation):
        return None
    return held.keep(conversation, agent=who.ref, name=who.name, action=frame.action, form=frame.form, key=frame.key, seconds=settings.UNDO)


async def taken_back(who: Who, conversation: int, key: str) -> dict[str, Any] | None:
    """What its author gets back: action, form, and the files by name. None if it is too late."""
    found = await in_thread(lambda: held.take_back(conversation, agent=who.ref, key=key))
    if found is None:
        return None
    _tell(conversation)
    if await in_thread(_is_said, found):
        return None
    files = await in_thread(uploads.named, list(found.form.get("attachments", ())), who.ref)
    return {"action": found.action, "form": found.form, "files": files}


def shown(conversation: int, reader: Who) -> list[dict[str, Any]]:
    """What waits in a conversation, as this agent may know it: the words of others are not said yet."""
    return [_shown(waiting, mine=waiting.agent == reader.ref) for waiting in held.of(conversation)]


def _shown(waiting: Waiting, *, mine: bool) -> dict[str, Any]:
    left = max(0, waiting.at - time.time_ns() // 1000) // 1000
    told = {"key": waiting.key if mine else "", "by": waiting.name, "mine": mine, "action": waiting.action, "at": waiting.at, "left": left}
    if mine:
        told |= {
            "problem": waiting.problem,
            "code": waiting.code,
            "text": str(waiting.form.get("text") or waiting.form.get("outcome") or ""),
        }
    return told


async def run(stopping: asyncio.Event) -> None:
    """Perform what is due until `stopping`."""
    while not stopping.is_set():
        try:
            await perform_due()
        except DatabaseError as problem:  # what waits goes on waiting until the store is back
            log.warning("undo_interrupted", problem=type(problem).__name__)
        try:
            await asyncio.wait_for(stopping.wait(), LOOK)
        except TimeoutError:
            continue


async def perform_due() -> int:
    """Perform what its authors had time enough to take back, in that order. Returns how many were tried."""
    due = await in_thread(held.due)
    for waiting in due:
        await _perform(waiting)
    return len(due)


async def _perform(waiting: Waiting) -> None:
    """Once, however often it is tried: the key is the one its author made."""
    try:
        if await in_thread(_is_said, waiting):
            await in_thread(held.done, waiting.row)
            _tell(waiting.conversation)
            return
        agent = await in_thread(_author, waiting)
        await perform(agent, waiting.action, waiting.form, key=waiting.key, channel=CHANNEL, conversation=waiting.conversation)
    except Busy:
        await in_thread(held.again, waiting.row)
        return
    except (Refused, NotSealable) as refusal:
        code, problem = getattr(refusal, "code", "form"), str(refusal)
        log.info("undo_refused", code=code)
        await in_thread(partial(held.refused, waiting.row, problem=problem, code=code))
    except DatabaseError:
        raise
    except Exception:  # its lease runs out, and it is tried again
        log.exception("undo_failed", action=waiting.action)
        return
    else:
        await in_thread(held.done, waiting.row)
        late = time.time() - waiting.at / SECOND
        log.info("undo_over", action=waiting.action, late=round(late, 1))
    _tell(waiting.conversation)


def _is_said(waiting: Waiting) -> bool:
    """Whether it stands in the record already: whoever performed it died, or lost the answer of the store, before that was noted."""
    return read.is_there(waiting.conversation, actor=waiting.agent, key=waiting.key)


def _author(waiting: Waiting) -> Who:
    row = Agent.objects.filter(pk=int(waiting.agent.partition(":")[2] or 0), is_active=True).first()
    if row is None:
        raise Refused("Its author does not work here any more.", code="forbidden")
    return people.agent(row)


def _tell(conversation: int) -> None:
    announce.whisper(conversation, {"held": True})
