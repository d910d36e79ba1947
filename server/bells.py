"""Announcements between processes over one Redis channel: one publish a commit, one subscriber a process, and a sweep for what was lost.

Redis may be emptied or restarted at any time: bells are lost, events are not.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import Any

import orjson
import redis.asyncio as redis
import structlog
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from chat.ledger import announce, read

log = structlog.get_logger()

CHANNEL = "throughline:bells"
SWEEP = 20.0
"""Seconds between two comparisons of all watched heads."""
_me = secrets.token_hex(8)


async def carry(stopping: asyncio.Event) -> None:
    """Take this process's announcements to the others and bring theirs, until `stopping`. Reconnects for ever."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(10_000)

    def put(said: dict[str, Any]) -> None:
        # A full queue loses bells, which the sweep makes good; it must not hold up a commit.
        with contextlib.suppress(asyncio.QueueFull):
            queue.put_nowait(said)

    def from_any_thread(said: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(put, {**said, "from": _me})

    stop = announce.carry_with(from_any_thread)
    try:
        while not stopping.is_set():
            client = redis.from_url(settings.REDIS, socket_connect_timeout=5)
            try:
                await _both_ways(client, queue, stopping)
            except* (RedisError, OSError) as problem:
                log.warning("bells_away", problem=repr(problem.exceptions[0]))
                await asyncio.sleep(1)
            finally:
                await client.aclose()
    finally:
        stop()


async def _both_ways(client: redis.Redis, queue: asyncio.Queue[dict[str, Any]], stopping: asyncio.Event) -> None:
    async with client.pubsub() as pubsub, asyncio.TaskGroup() as group:
        await pubsub.subscribe(CHANNEL)
        await sweep_once()
        tasks = [group.create_task(_publish(client, queue)), group.create_task(_hear(pubsub))]
        await stopping.wait()
        for task in tasks:
            task.cancel()


async def _publish(client: redis.Redis, queue: asyncio.Queue[dict[str, Any]]) -> None:
    while True:
        await client.publish(CHANNEL, orjson.dumps(await queue.get()))


async def _hear(pubsub: Any) -> None:
    async for message in pubsub.listen():
        if message["type"] != "message":
            continue
        said = orjson.loads(message["data"])
        if said.pop("from", "") == _me:
            continue
        if "reached" in said:
            announce.ring({int(cid): position for cid, position in said["reached"].items()})
        else:
            announce.hear(int(said["conversation"]), said["whisper"])


async def sweep(stopping: asyncio.Event) -> None:
    """Compare the heads of everything that is watched, every SWEEP seconds: the last announcement of a burst may be lost."""
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), SWEEP)
        await sweep_once()


async def sweep_once() -> None:
    """Ring for every watched conversation with its head; who has it already does nothing."""
    watched = announce.watched()
    if not watched:
        return
    try:
        found = await read.in_thread(read.heads, watched)
    except DatabaseError as problem:  # looked at again when it is back
        log.warning("sweep_interrupted", problem=type(problem).__name__)
        return
    announce.ring({cid: head.position for cid, head in found.items()})
