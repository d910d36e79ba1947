"""Prepared files: a long transcript or an archive written to disk once, so that it can be signed, and a download that broke off goes on.

Copies, each of which can be made again at any time; they are written one after the other. Knows neither what they hold nor who asks.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import structlog

from chat.ledger.read import in_thread
from chat.transcripts import shelf
from chat.transcripts.shelf import Copy, Forgotten, NoRoom
from chat.transcripts.streaming import streamed

LASTS = 3600
"""Seconds."""
MOST_WAITING = 20
"""Files that wait to be written; whoever comes then is told to come back."""
SWEEP_EVERY = 60
"""Seconds between two looks whether something is over, or was crossed out on another host."""
FORGIVEN = 30
"""Seconds after which a file that could not be written is tried again."""
_NAME = re.compile(r"[0-9a-f]{64}\Z")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file: its name (a SHA-256 in hex that stands for its content), how it is written, and of what it is made."""

    name: str
    write: Callable[[], Iterator[bytes]]
    of: Mapping[int, int]
    """Conversations, each up to a position."""
    expected: int = 0
    """Octets it will have, about."""
    lasts: int = LASTS
    """Seconds it may stay."""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError("A prepared file is named by a digest.")


@dataclass(slots=True)
class Progress:
    """How far a file is: waiting | writing | ready | failed. `done` and `expected` are octets."""

    state: str = "waiting"
    done: int = 0
    expected: int = 0
    problem: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass(slots=True, weakref_slot=True)
class _Desk:
    """What is being written in one event loop."""

    running: dict[str, tuple[asyncio.Task[Copy | None], Progress]] = field(default_factory=dict)
    failed: dict[str, Progress] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One at a time, or all of them together would need more than there is room for."""
    minder: asyncio.Task[None] | None = None


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()


async def prepared(wanted: Wanted, *, patient: bool = False) -> Copy | None:
    """The file, written now if it is not there; None if there is no room for it, or if another one is being written and the caller is not
    patient.

    Whoever asks meanwhile waits for the same writing; it goes on when they leave, for they will come back.
    """
    found = await in_thread(shelf.found, wanted.name)
    if found is not None:
        return found
    desk = _desk()
    if desk.running and wanted.name not in desk.running and not patient:
        return None
    task = _begin(desk, wanted)
    return await asyncio.shield(task) if task else None


async def progress(wanted: Wanted) -> Progress:
    """How far it is. If nobody writes it yet, that begins now and goes on by itself."""
    found = await in_thread(shelf.found, wanted.name)
    if found is not None:
        return Progress("ready", done=found.size, expected=found.size)
    desk = _desk()
    failed = desk.failed.get(wanted.name)
    if failed is not None and wanted.name not in desk.running and time.monotonic() - failed.at < FORGIVEN:
        return failed
    if _begin(desk, wanted) is None:
        return Progress("failed", problem="Many others wait for their files. Try again in a few minutes.")
    return desk.running[wanted.name][1]


def forget(conversation: int) -> int:
    """Remove every copy that holds something of a conversation, finished or not; gives how many. For any thread of any process here."""
    return shelf.forget(conversation)


def clear() -> None:
    """Remove what an earlier process left. Only copies are lost."""
    shelf.clear()


def _desk() -> _Desk:
    return _desks.setdefault(asyncio.get_running_loop(), _Desk())


def _begin(desk: _Desk, wanted: Wanted) -> asyncio.Task[Copy | None] | None:
    if wanted.name not in desk.running:
        if len(desk.running) >= MOST_WAITING:
            return None
        state = Progress(expected=wanted.expected)
        task = asyncio.create_task(_prepare(desk, wanted, state))
        desk.running[wanted.name] = task, state
        task.add_done_callback(lambda _: desk.running.pop(wanted.name, None))
    return desk.running[wanted.name][0]


async def _prepare(desk: _Desk, wanted: Wanted, state: Progress) -> Copy | None:
    async with desk.turn:
        state.state = "writing"
        try:
            async for piece in streamed(_written(wanted), heavy=True):
                state.done += len(piece)
        except Forgotten:
            return None  # who asks again gets it without what was crossed out
        except Exception as problem:  # whoever waits is told, and the process goes on
            log.warning("nothing_prepared", problem=str(problem), kind=type(problem).__name__)
            words = str(problem) if isinstance(problem, NoRoom) else "It could not be written now."
            _remember(desk, wanted.name, Progress("failed", problem=words))
            return None
    if desk.minder is None or desk.minder.done():
        desk.minder = asyncio.create_task(_minding())
    return await in_thread(shelf.found, wanted.name)


def _written(wanted: Wanted) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with shelf.place(wanted.name, of=wanted.of, expected=wanted.expected, until=int(time.time()) + wanted.lasts) as place:
        for piece in wanted.write():
            digest.update(piece)
            place.write(piece)
            yield piece
        place.keep(digest.hexdigest())


def _remember(desk: _Desk, name: str, failed: Progress) -> None:
    desk.failed[name] = failed
    while len(desk.failed) > MOST_WAITING:
        del desk.failed[next(iter(desk.failed))]


async def _minding() -> None:
    """Look after the folder as long as something is in it."""
    left = True
    while left:
        await asyncio.sleep(SWEEP_EVERY)
        try:
            left = await in_thread(shelf.sweep)
        except Exception:  # the store may be away; what is over goes at the next look
            log.exception("prepared_sweep_failed")
