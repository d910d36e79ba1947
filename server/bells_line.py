"""The line to the other processes over Redis: each publishes on a channel of its own, all listen to all, losses are found and reported.

Redis may be emptied, restarted or hang at any time: bells are lost then, events are not. Knows no conversation.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import redis.asyncio as redis
import structlog
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LineLost
from redis.exceptions import RedisError

from chat.ledger import announce
from server.bells_heard import SILENT, Numbers
from server.bells_waiting import Waiting

log = structlog.get_logger()

BEAT = 3.0
"""Seconds between two beats, which every process hears, its own sender included."""
PATIENCE = 7.0
"""Seconds without a beat, not even our own, after which the line is taken for dead: a hung Redis closes no connection."""
ANSWER = 4.0
"""Seconds in which Redis answers, or is away."""
GATHER = 0.005
"""Seconds between two bells of one process for each other process there is: however many there are, each hears some 200 bells a second.

The first bell after a while goes at once; only what comes right behind it is gathered.
"""
LONGEST = 0.1
"""Seconds that bells are gathered at most."""
PAUSE = 1.0
"""Seconds before the next try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What the bells of this process have done since it began."""

    published: int
    heard: int
    """Bells of other processes, beats not counted."""
    lost: int
    """Announcements of this process that could not be told to the others."""
    gaps: int
    """Times that bells of others were found to be missing."""
    connected: bool
    others: int
    """Processes that were heard within the last seconds."""
    silent: float
    """Seconds since anything came over the line, our own beat included."""
    away_since: float
    """When the line was lost, in seconds since 1970; 0 while it is there."""


class Bells:
    """One per process. `ask` is told the moment (microseconds since 1970) since when bells may have been lost."""

    def __init__(self, url: str, *, ask: Callable[[int], None]) -> None:
        self.node = secrets.token_hex(8)
        self._url, self._ask = url, ask
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._waiting = Waiting(self._ring_up)
        self._numbers = Numbers()
        self._heard = self._gaps = 0
        self._heard_at = time.monotonic()
        self._away_since = time.time()
        self._detach: Callable[[], None] = announce.carry_with(self._waiting.put)

    async def carry(self, stopping: asyncio.Event) -> None:
        """Publish and hear until `stopping`. Begins again for ever; nothing that happens here ends it."""
        while not stopping.is_set():
            try:
                await self._line(stopping)
            except* (RedisError, OSError) as problem:
                log.warning("bells_away", problem=str(_first(problem)))
            except* Exception:
                log.exception("bells_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await stopping.wait()

    async def farewell(self) -> None:
        """Tell the others that this process ends, and whether they have to look for its last commits. Call it after the writer."""
        self._detach()
        self._waiting.open()
        bell = self._waiting.take() or {"n": self._waiting.published}
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(1), self._client() as client:
                await client.publish(_channel(client, self.node), _packed({**bell, "bye": True}))

    def stats(self) -> Stats:
        return Stats(
            published=self._waiting.published,
            heard=self._heard,
            lost=self._waiting.lost,
            gaps=self._gaps,
            connected=not self._away_since,
            others=len(self._numbers),
            silent=time.monotonic() - self._heard_at,
            away_since=self._away_since,
        )

    async def _line(self, stopping: asyncio.Event) -> None:
        async with self._client() as client, client.pubsub() as pubsub:
            channel = _channel(client, self.node)
            await pubsub.psubscribe(_channel(client, "*"))
            if await pubsub.get_message(timeout=ANSWER) is None:
                raise LineLost(f"Redis did not answer within {ANSWER:.0f} s.")
            self._found_line()
            over = asyncio.Event()
            ways = (lambda: self._publish(client, channel, over), lambda: self._hear(pubsub, channel.encode(), over))
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(_ending(way, over)) for way in ways]
                    await stopping.wait()
                    over.set()
                    for task in tasks:
                        task.cancel()
            finally:
                self._lost_line()

    def _client(self) -> redis.Redis:
        # By itself the library connects anew without a word, and what was said meanwhile is missed: it must fail instead.
        return redis.from_url(
            self._url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=ANSWER,
            socket_connect_timeout=ANSWER,
            client_name=f"throughline-{self.node}",
        )

    def _found_line(self) -> None:
        # Subscribed first and swept after: whatever is said from now on is heard, whatever was said before is in the ledger.
        away_since, self._away_since = self._away_since, 0.0
        self._heard_at = time.monotonic()
        self._waiting.open()
        self._ask(int(away_since * 1_000_000))
        log.info("bells_there", node=self.node)

    def _lost_line(self) -> None:
        self._away_since = self._away_since or time.time() - PATIENCE
        self._waiting.shut()
        self._numbers.forget()

    async def _publish(self, client: redis.Redis, channel: str, over: asyncio.Event) -> None:
        while not over.is_set():
            # Cleared before the look: what comes while Redis answers wakes again, and goes with the next bell.
            self._wake.clear()
            bell = self._waiting.take() or await self._beat()
            if bell is not None:
                try:
                    await client.publish(channel, _packed(bell))
                except BaseException:
                    self._waiting.lose(bell)
                    raise
                if not _is_beat(bell):
                    await asyncio.sleep(min(LONGEST, GATHER * max(1, len(self._numbers))))

    async def _beat(self) -> dict[str, Any] | None:
        """None if there is something to take; after a while without, the last number again: the bell with it may have been lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._wake.wait()
            return None
        return {"n": self._waiting.published}

    async def _hear(self, pubsub: PubSub, own: bytes, over: asyncio.Event) -> None:
        while not over.is_set():
            message = await pubsub.get_message(timeout=PATIENCE)
            if message is None:
                raise LineLost(f"Nothing was heard for {PATIENCE:.0f} s, not even ourselves.")
            self._heard_at = time.monotonic()
            if message["type"] != "pmessage":
                continue
            if message["channel"] != own:
                self._take_in(message["channel"], message["data"])
            elif self._numbers.silent(self._heard_at):
                self._missed(0)

    def _take_in(self, channel: bytes, data: bytes) -> None:
        name = channel.rpartition(b":")[2].decode("ascii", "replace")
        try:
            bell: dict[str, Any] = orjson.loads(data)
            number, reached, lost = int(bell["n"]), bell.get("r", {}), int(bell.get("l", 0))
            positions = {int(cid): int(position) for cid, position in reached.items()}
            whispers = [(int(cid), dict(said)) for cid, said in bell.get("w", ())]
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            log.warning("bell_not_understood", node=name[:32], problem=type(problem).__name__)
            return
        beat = _is_beat(bell)
        self._heard += not beat
        gap = self._numbers.heard(name, number, beat=beat, now=self._heard_at)
        if "bye" in bell:
            self._numbers.gone(name)
        if gap or lost:
            self._missed(lost)
        announce.ring(positions)
        for cid, said in whispers:
            announce.hear(cid, said)

    def _missed(self, since: int) -> None:
        self._gaps += 1
        # Everybody repeats themselves, so what was lost without being told was lost within the last seconds.
        self._ask(since or _now() - int(2 * SILENT * 1_000_000))

    def _ring_up(self) -> None:
        try:
            if asyncio.get_running_loop() is self._loop:
                self._wake.set()
                return
        except RuntimeError:  # a thread without a loop
            pass
        with suppress(RuntimeError):  # our loop is closed: nobody publishes any more
            self._loop.call_soon_threadsafe(self._wake.set)


async def _ending(way: Callable[[], Coroutine[Any, Any, None]], over: asyncio.Event) -> None:
    # Python 3.11's wait_for, which the library uses, swallows a cancellation that meets a result: each way looks at `over` as well.
    try:
        await way()
    finally:
        over.set()


def _channel(client: redis.Redis, node: str) -> str:
    # Redis shares channels between its numbered databases; houses with numbers of their own must not hear each other.
    return f"throughline:{client.connection_pool.connection_kwargs.get('db') or 0}:bells:{node}"


def _is_beat(bell: dict[str, Any]) -> bool:
    return len(bell) == 1


def _packed(bell: dict[str, Any]) -> bytes:
    return orjson.dumps(bell, option=orjson.OPT_NON_STR_KEYS)


def _first(problem: BaseException) -> BaseException:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def _now() -> int:
    return time.time_ns() // 1000
