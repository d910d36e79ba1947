"""The queue in front of the ledger: what waits goes into the next commit, a batch that fails is halved, each sender gets an answer.

Lives in one event loop and knows neither SQL nor what a command means: `_commit` of an engine writes one batch.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from chat.ledger import announce
from chat.ledger.admit import admit
from chat.ledger.append import Busy, Command, Crosses, Receipt, Refused
from chat.ledger.batch import Outcome

log = structlog.get_logger()

CAP = 512
"""Commands in one commit at most."""
OCTETS = 8 * 1024 * 1024
"""Octets of sealed values in one commit: a batch is cut behind the command that goes beyond."""
QUEUE = 8192
"""Commands that may wait; beyond, senders are told to come back."""

Answer = asyncio.Future[Receipt] | concurrent.futures.Future[Receipt]


class StoreAway(Exception):
    """The engine cannot write now (no connection, no space, locked); the same command may pass later."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command in the queue and who waits for it: somebody in an event loop, or (None) in a thread without one."""

    command: Command
    answer: Answer
    loop: asyncio.AbstractEventLoop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What this process's writer has done since it began."""

    waiting: int
    written: int
    """Commands that were written, the repeated ones not counted."""
    refused: int
    batches: int
    """Commits, also those that held nothing new."""
    largest: int
    """Commands in the largest of them."""
    conflicts: int
    """Batches that met a conversation which another process had moved, or a key used before, and were put together anew."""
    careful: int
    """Batches that locked and read before they wrote: all conflicts, and whatever opens a conversation or crosses out."""
    busy: int
    """Commands sent away because the queue was full or the store was away."""


class Writer(ABC):
    """One per process. One commit is in flight; all that waits meanwhile goes into the next."""

    clock: Callable[[], int]
    """Microseconds since 1970. The demo shop sets it to write a believable past into an empty store."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """`loop` is where it lives from now on; may be called from any thread."""
        self.clock = lambda: time.time_ns() // 1000
        self.loop = loop
        self._queue: deque[Waiting] = deque()
        self._bell: asyncio.Future[None] | None = None
        self._stopping = False
        self._ended = False
        self._thread_of_loop = 0
        self.written = self.refused = self.batches = self.largest = self.conflicts = self.careful = self.busy = 0
        self._task: asyncio.Task[None] | None = None
        loop.call_soon_threadsafe(self._begin)

    def enter(self, command: Command) -> asyncio.Future[Receipt]:
        """Queue a command from inside an event loop, any one. Raises Busy at once if the queue is full or the writer is stopping.

        Whoever waits may go away (a closed socket cancels its task); what they said is written all the same.
        """
        admit(command)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Receipt] = loop.create_future()
        self._put(Waiting(command, answer, loop), here=loop is self.loop)
        return answer

    def submit(self, command: Command) -> concurrent.futures.Future[Receipt]:
        """`enter` for a thread without an event loop."""
        if threading.get_ident() == self._thread_of_loop and not self.loop.is_closed():
            raise RuntimeError("The writer lives in this event loop, which would wait for itself: await append() instead.")
        admit(command)
        answer: concurrent.futures.Future[Receipt] = concurrent.futures.Future()
        answer.set_running_or_notify_cancel()
        self._put(Waiting(command, answer, None), here=False)
        return answer

    def waiting(self) -> int:
        return len(self._queue)

    def ended(self) -> bool:
        """True if nothing will be written any more: it was stopped, or the loop it lived in is closed."""
        return self._ended or self.loop.is_closed()

    def stats(self) -> Stats:
        return Stats(
            waiting=len(self._queue),
            written=self.written,
            refused=self.refused,
            batches=self.batches,
            largest=self.largest,
            conflicts=self.conflicts,
            careful=self.careful,
            busy=self.busy,
        )

    async def stop(self) -> None:
        """Write what waits, then end. Call it in the writer's own loop."""
        self._stopping = True
        self._ring()
        if self._task is not None:
            await asyncio.wait([self._task])

    def give_up(self) -> None:
        """Tell everybody who still waits that nothing comes any more: for a writer whose loop is closed."""
        self._ended = True
        while self._queue:
            try:
                waiting = self._queue.popleft()
            except IndexError:  # somebody else gives up too
                return
            self._answer([waiting], [Busy("The store has stopped. Nothing was written; try again in a moment.")])

    def _put(self, waiting: Waiting, *, here: bool) -> None:
        if self._stopping:
            raise Busy("The server is stopping. Nothing was written; try again in a moment.")
        if len(self._queue) >= QUEUE:
            self.busy += 1
            raise Busy("Too much is waiting to be stored. Nothing was written; try again in a moment.")
        self._queue.append(waiting)
        if here:
            self._ring()
        elif self._ended:  # it ended between the first line and now
            self.give_up()
        elif self._bell is not None:
            try:
                self.loop.call_soon_threadsafe(self._ring)
            except RuntimeError:  # its loop was closed
                self.give_up()

    def _ring(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    def _begin(self) -> None:
        self._thread_of_loop = threading.get_ident()
        self._task = self.loop.create_task(self._run(), name="ledger-writer")

    async def _run(self) -> None:
        try:
            while await self._something():
                batch = self._take()
                try:
                    await self._write(batch)
                except BaseException as problem:  # nobody may wait for ever
                    log.exception("ledger_writer_failed")
                    self._answer(batch, [Busy(f"The store failed: {type(problem).__name__}. Try again.") for _ in batch])
                    if not isinstance(problem, Exception):
                        raise
                # Whoever was just answered may have the next line ready: it goes into this commit, not into the one after.
                await asyncio.sleep(0)
        finally:
            self._stopping = True
            self.give_up()
            await self._close()

    async def _something(self) -> bool:
        """Wait until something is in the queue; False when the writer stops and nothing is."""
        while not self._queue:
            if self._stopping:
                return False
            # Set before the queue is looked at again: who puts something in from a thread sees the bell, or is seen here.
            self._bell = self.loop.create_future()
            if not self._queue:
                await self._bell
            self._bell = None
        return True

    def _take(self) -> list[Waiting]:
        # A command that crosses out changes the folded state of the past: it gets a batch of its own.
        batch: list[Waiting] = []
        octets = 0
        while self._queue and len(batch) < CAP and octets < OCTETS:
            command = self._queue[0].command
            crosses = any(isinstance(row, Crosses) for row in command.rows)
            if crosses and batch:
                break
            batch.append(self._queue.popleft())
            if crosses:
                break
            octets += _octets(command)
        return batch

    async def _write(self, batch: Sequence[Waiting]) -> None:
        try:
            outcomes = await self._commit([waiting.command for waiting in batch])
        except StoreAway as problem:
            log.warning("ledger_store_away", problem=str(problem), commands=len(batch))
            self.busy += len(batch)
            # Not that nothing was written: the answer to a COMMIT may be what got lost, and only the same keys tell.
            sentence = f"The store cannot be written now ({problem}). Try again in a moment."
            self._answer(batch, [Busy(sentence) for _ in batch])
            return
        except Exception as problem:
            if len(batch) == 1:
                if not isinstance(problem, Refused):
                    log.exception("ledger_command_failed")
                self._answer(batch, [problem])
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        self.batches += 1
        self.largest = max(self.largest, len(batch))
        self._answer(batch, outcomes)
        try:
            announce.reached(self._reached(outcomes))
        except Exception:  # a doorbell that fails must not look like a store that fails
            log.exception("ledger_announce_failed")

    def _reached(self, outcomes: Iterable[Outcome]) -> dict[int, int]:
        reached: dict[int, int] = {}
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                self.refused += 1
                continue
            self.written += outcome.new
            # Also what was there before: perhaps by this writer, a moment ago, with a COMMIT whose answer was lost.
            for written in outcome.written:
                if written.position > reached.get(written.conversation, 0):
                    reached[written.conversation] = written.position
        return reached

    def _answer(self, batch: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
        abroad: dict[asyncio.AbstractEventLoop, list[tuple[Answer, Outcome]]] = {}
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.loop is None or (waiting.loop is self.loop and not self.loop.is_closed()):
                _settle(waiting.answer, outcome)
            else:
                abroad.setdefault(waiting.loop, []).append((waiting.answer, outcome))
        for loop, answers in abroad.items():
            try:
                loop.call_soon_threadsafe(_settle_all, answers)
            except RuntimeError:  # closed: nobody waits there any more
                continue

    @abstractmethod
    async def _commit(self, commands: Sequence[Command]) -> list[Outcome]:
        """Load, decide, write and commit. Raises StoreAway if the engine is out of reach, anything else if the batch cannot be written."""

    @abstractmethod
    async def _close(self) -> None: ...


def _settle_all(answers: Iterable[tuple[Answer, Outcome]]) -> None:
    for answer, outcome in answers:
        _settle(answer, outcome)


def _settle(answer: Answer, outcome: Outcome) -> None:
    if answer.done():  # cancelled, or told already that the store failed
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)


def _octets(command: Command) -> int:
    return sum(sum(map(len, fact.sealed_values().values())) for fact in command.facts)
