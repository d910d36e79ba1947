"""How a batch is committed: put together from what is remembered, written if that is still true, else decided anew under locks.

The same on both engines, which bring the statements; knows no SQL.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import structlog

from chat.ledger import recent
from chat.ledger.append import Busy, Command, Crosses
from chat.ledger.batch import Head, Known, Outcome, Rows, Stored, put_together
from chat.ledger.group import StoreAway, Writer
from chat.ledger.heads import Heads

log = structlog.get_logger()

Key = tuple[int, str, str]
"""(conversation, actor, key): what makes an event the same event."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a careful commit decided and wrote."""

    outcomes: list[Outcome]
    rows: Rows
    heads: Mapping[int, Head]


class OptimisticWriter(Writer):
    """Nearly always this process was the last to move a conversation, and no key comes twice: then a batch needs no reading.

    The tables judge: position and seal of every conversation are compared in the transaction that writes, and the unique
    constraints find every key that was used before. Whatever does not fit has written nothing and goes the careful way.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._heads = Heads()
        super().__init__(loop)

    async def _commit(self, commands: Sequence[Command]) -> list[Outcome]:
        if not any(_needs_care(command) for command in commands):
            outcomes = await self._from_memory(commands)
            if outcomes is not None:
                return outcomes
            self.conflicts += 1
        self.careful += 1
        done = await self._with_care(commands)
        self._committed(done.rows, done.heads)
        return done.outcomes

    async def _from_memory(self, commands: Sequence[Command]) -> list[Outcome] | None:
        """None if the tables say otherwise; then nothing was written, or perhaps everything by a commit whose answer was lost."""
        mentioned = {fact.conversation for command in commands for fact in command.facts}
        # Until the answer is there nothing is believed: a batch that fails is looked at again with what the tables say.
        before = self._heads.take(mentioned)
        if len(before) < len(mentioned):
            before |= await self._read_heads(mentioned - before.keys())
        known = Known(dict(before), {}, {}, _no_number)
        outcomes, rows = put_together(commands, known, now=self.clock())
        refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)]
        if rows.dues_gone & rows.dues_set.keys():
            return None  # an alarm that goes and comes in one commit is two rows, one after the other
        if not await (self._write_if_unmoved(rows, known.heads, before) if rows.touched else self._unmoved(before)):
            return None
        self._committed(rows, known.heads)
        if refused:
            await self._perhaps_written_before(commands, outcomes, refused)
        return outcomes

    async def _perhaps_written_before(self, commands: Sequence[Command], outcomes: list[Outcome], refused: Sequence[int]) -> None:
        """A guard was asked about what may be a repetition: a claim that succeeded is in its own way the second time."""
        keys = {n: [(f.conversation, f.actor, f.key) for f in commands[n].facts] for n in refused}
        try:
            found = await self._read_stored([key for several in keys.values() for key in several])
        except StoreAway as problem:  # what the others said is written: they must not be told that it is not
            for n in refused:
                outcomes[n] = Busy(f"The store cannot be read now ({problem}). Try again.")
            return
        again = [n for n in refused if any(key in found for key in keys[n])]
        # Without heads: with one of its keys found a command is answered or conflicts before any head is asked for.
        repeated, _ = put_together([commands[n] for n in again], Known({}, {}, found, _no_number), now=self.clock())
        for n, outcome in zip(again, repeated, strict=True):
            outcomes[n] = outcome

    def _committed(self, rows: Rows, heads: Mapping[int, Head]) -> None:
        for conversation in rows.touched:
            heads[conversation].fresh = False
        self._heads.remember(heads)
        try:
            recent.committed(rows, heads)
        except Exception:  # who follows reads the ledger instead; what was written is written
            log.exception("ledger_recent_failed")
            recent.clear()

    @abstractmethod
    async def _read_heads(self, conversations: Collection[int]) -> dict[int, Head]:
        """Those that are there."""

    @abstractmethod
    async def _read_stored(self, keys: Sequence[Key]) -> dict[Key, Stored]:
        """The events that are there under these keys."""

    @abstractmethod
    async def _unmoved(self, before: Mapping[int, Head]) -> bool:
        """True if every one of these still stands where it is believed to."""

    @abstractmethod
    async def _write_if_unmoved(self, rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> bool:
        """Commit the rows if every conversation of `before` still stands there and no key was used before; else write nothing."""

    @abstractmethod
    async def _with_care(self, commands: Sequence[Command]) -> Done:
        """Lock, read, decide and write in one transaction: right whatever was believed."""


def _needs_care(command: Command) -> bool:
    return command.opens is not None or any(isinstance(row, Crosses) for row in command.rows)


def _no_number(_: int) -> NoReturn:
    raise RuntimeError("A case number is given out under a lock alone.")
