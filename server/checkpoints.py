"""The daily checkpoint over all heads: the worker makes it in the first minutes of a day (UTC), `throughline checkpoint` at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from django.db import DatabaseError, connections
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chat.ledger import checkpoints, note
from chat.ledger.checkpoints import Kept
from chat.ledger.read import in_thread
from chat.people import signing_keys
from chat.transcripts import checkpoint

log = structlog.get_logger()

LOOK = 600.0
"""Seconds between two looks at the calendar, about: several workers do not look at the same moment."""
PAUSE = 0.02
"""Seconds between two pages of heads, in which the other work of the process has its turn."""


class _Stopping(Exception):
    """The process ends; tomorrow's look, or the next worker, makes the checkpoint."""


async def run(stopping: asyncio.Event) -> None:
    """Make a checkpoint on every day, until `stopping`."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK * random.uniform(0.5, 1.5)):
                await stopping.wait()
        if not stopping.is_set():
            await make_if_due(stopping)


async def make_if_due(stopping: asyncio.Event) -> Kept | None:
    """The checkpoint of today if there was none; what fails is logged and tried again at the next look."""
    try:
        newest = await in_thread(checkpoints.newest)
        if newest is not None and _day(newest.made_at) >= _day(time.time_ns() // 1000):
            return None
        # Not on the readers' threads: it takes its time. Its connection ends with it.
        return await asyncio.to_thread(_made, stopping)
    except (DatabaseError, OSError) as problem:
        log.warning("checkpoint_interrupted", problem=type(problem).__name__)
    except _Stopping:
        pass
    except Exception:  # a checkpoint that cannot be made must not end a process that takes mail
        log.exception("checkpoint_failed")
    return None


def report() -> int:
    """Make a checkpoint now and print its note, for keeping elsewhere. Returns the exit status."""
    kept = checkpoint.make()
    _told(kept)
    print(kept.note, end="")
    return 0


def known(path: Path) -> int:
    """Do we still have a checkpoint that was kept elsewhere, and does the ledger agree with it? Returns 0, 1 if not, 2 if it is none."""
    say = _saying(out := Console())
    try:
        signed = path.read_text(encoding="utf-8")
        if "/checkpoint\n" not in note.opened(signed, [key.vkey for key in signing_keys.public_keys()]):
            raise note.BadNote("It is a note about something else.")
    except (OSError, UnicodeDecodeError, note.BadNote) as problem:
        say(f"{path} is no checkpoint of ours: {problem}", markup=False)
        return 2
    kept = checkpoints.kept()
    found = next((one for one in kept if one.note == signed), None)
    if found is None:
        since = f"since {_day(kept[-1].made_at)} " if kept else ""
        say(f"[red]Missing[/red]: our key signed it, and it is none of the {len(kept)} checkpoints kept {since}here.")
        say("Either it is older, or somebody removed it.")
        return 1
    if not found.leaves:
        say(f"It is our checkpoint of {_day(found.made_at)}. Its list is no longer kept; proofs in full records still lead to it.")
        return 0
    return min(1, _compared(out, [found]))


def verify(out: Console) -> int:
    """Compare the ledger with the checkpoints that are kept. Returns how many things do not hold."""
    say = _saying(out)
    kept = checkpoints.kept()
    if not kept:
        say("There is no checkpoint yet: whether a whole conversation was removed cannot be seen. The worker makes one each day.")
        return 0
    bad = dict(checkpoint.troubles(kept))
    for one, problem in bad.items():
        say(f"[red]Broken[/red]: the checkpoint of {_day(one.made_at)}: {problem}.")
    return len(bad) + _compared(out, [one for one in kept if one.leaves and one not in bad])


def _compared(out: Console, lists: list[Kept]) -> int:
    say = _saying(out)
    count = 0
    columns = (TextColumn("Comparing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task("", total=max((one.size for one in lists), default=0))
        for lost in checkpoints.lost(lists, partial(progress.advance, task)):
            count += 1
            told = f"conversation {lost.conversation}, as listed in the checkpoint of {_day(lost.listed_at)}: {lost.problem}"
            say(f"[red]Broken[/red]: {told}.")
    if not count and lists:
        listed = "1 checkpoint" if len(lists) == 1 else f"{len(lists)} checkpoints"
        say(f"Compared with {listed} since {_day(lists[-1].made_at)}: no conversation is missing, none was cut short.")
    return count


def _saying(out: Console) -> Callable[..., None]:
    return partial(out.print, highlight=False, soft_wrap=True)


def _made(stopping: asyncio.Event) -> Kept:
    def pause() -> None:
        if stopping.is_set():
            raise _Stopping
        time.sleep(PAUSE)

    try:
        kept = checkpoint.make(pause)
    finally:
        connections.close_all()
    _told(kept)
    return kept


def _told(kept: Kept) -> None:
    # Logs are often kept elsewhere: there the note is out of reach for whoever rewrites the store.
    log.info("checkpoint", size=kept.size, note=kept.note)


def _day(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).date().isoformat()
