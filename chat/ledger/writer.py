"""What the two writers share: the bounded queue, batching, bisection of a failing batch, and which writer runs in this process.

Knows no SQL: an engine implements `_commit`, which loads, decides and writes one batch in one transaction.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import connections

from chat.ledger import announce
from chat.ledger.admit import admit
from chat.ledger.append import Busy, Command, Crosses, Receipt, Refused
from chat.ledger.batch import Outcome

log = structlog.get_logger()

CAP = 512
"""Commands in one commit at most."""
QUEUE = 8192
"""Commands that may wait; beyond, senders are told to come back."""


class StoreAway(Exception):
    """The engine cannot write now (no connection, no space, locked); the same command may pass later."""


@dataclass(slots=True)
class Waiting:
    """A command in the queue and who waits for it."""

    command: Command
    answer: concurrent.futures.Future[Receipt] = field(default_factory=concurrent.futures.Future)


class Writer(ABC):
    """One per process. One commit is in flight; all that waits meanwhile goes into the next."""

    clock: Callable[[], int]
    """Microseconds since 1970. The demo shop sets it to write a believable past into an empty store."""

    def __init__(self) -> None:
        self.clock = lambda: time.time_ns() // 1000
        self._queue: deque[Waiting] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, command: Command) -> concurrent.futures.Future[Receipt]:
        """Queue a command. The future ends after the commit; Busy at once if the queue is full or the writer is stopping."""
        admit(command)
        waiting = Waiting(command)
        # Whoever waits may go away (a closed socket cancels its task); what they said is written all the same.
        waiting.answer.set_running_or_notify_cancel()
        with self._wake:
            if self._stopping:
                raise Busy("The server is stopping. Nothing was written; try again in a moment.")
            if len(self._queue) >= QUEUE:
                raise Busy("Too much is waiting to be stored. Nothing was written; try again in a moment.")
            self._queue.append(waiting)
            self._wake.notify()
        return waiting.answer

    def stop(self, *, timeout: float = 20) -> None:
        """Write what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout)

    def waiting(self) -> int:
        return len(self._queue)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._stopping:
                    self._wake.wait()
                if not self._queue:
                    break
                batch = self._take()
            try:
                self._write(batch)
            except BaseException as problem:  # the thread must outlive anything, and nobody may wait for ever
                log.exception("ledger_writer_failed")
                for waiting in batch:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(Busy(f"The store failed: {type(problem).__name__}. Try again."))
        self._close()

    def _take(self) -> list[Waiting]:
        # A command that crosses out changes the folded state of the past: it gets a batch of its own.
        batch: list[Waiting] = []
        while self._queue and len(batch) < CAP:
            crosses = any(isinstance(row, Crosses) for row in self._queue[0].command.rows)
            if crosses and batch:
                break
            batch.append(self._queue.popleft())
            if crosses:
                break
        return batch

    def _write(self, batch: list[Waiting]) -> None:
        try:
            outcomes = self._commit([waiting.command for waiting in batch])
        except StoreAway as problem:
            log.warning("ledger_store_away", problem=str(problem), commands=len(batch))
            for waiting in batch:
                waiting.answer.set_exception(Busy(f"The store cannot be written now ({problem}). Nothing was written; try again."))
            return
        except Exception as problem:
            if len(batch) == 1:
                if not isinstance(problem, Refused):
                    log.exception("ledger_command_failed")
                batch[0].answer.set_exception(problem)
                return
            middle = len(batch) // 2
            self._write(batch[:middle])
            self._write(batch[middle:])
            return
        reached: dict[int, int] = {}
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)
                # Also what was there before: perhaps by this writer, a moment ago, with a COMMIT whose answer was lost.
                for written in outcome.written:
                    reached[written.conversation] = max(written.position, reached.get(written.conversation, 0))
        try:
            announce.reached(reached)
        except Exception:  # a doorbell that fails must not look like a store that fails
            log.exception("ledger_announce_failed")

    @abstractmethod
    def _commit(self, commands: Sequence[Command]) -> list[Outcome]:
        """Load, decide, write and commit. Raises StoreAway if the engine is out of reach, anything else if the batch cannot be written."""

    @abstractmethod
    def _close(self) -> None: ...


_running: Writer | None = None
_starting = threading.Lock()


def running_writer() -> Writer:
    """The writer of this process; started at the first call, for the engine of the default database."""
    global _running
    writer = _running
    if writer is not None:
        return writer
    with _starting:
        if _running is None:
            if connections["default"].vendor == "postgresql":
                from chat.ledger.writer_postgres import PostgresWriter

                _running = PostgresWriter()
            else:
                from chat.ledger.writer_sqlite import SqliteWriter

                _running = SqliteWriter()
        return _running


def stop_writer() -> None:
    """Write what waits and end this process's writer; the next append starts a new one."""
    global _running
    with _starting:
        writer, _running = _running, None
    if writer is not None:
        writer.stop()
