"""The nightly run that ends records, and `throughline retain`, which does it now. Knows the clock and the sites, not what an end is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta

import structlog
from django.db import DatabaseError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from chat.actions import ending
from chat.ledger import keeping, retain
from chat.ledger.append import Busy
from chat.ledger.read import in_thread
from chat.ledger.retain import Tally
from chat.people.models import Site
from server import process

log = structlog.get_logger()

HOUR = 3
"""The hour of the day, in UTC, at which the nightly run begins; a server that was down then does it when it is up."""
LOOK = 300.0
"""Seconds between two looks at the clock."""
NOTED = 5.0
"""Seconds between two notes of how far a run is."""
LISTED = 50
"""Records that a dry run names."""
MAILS = {
    "quarantined": f"doubtful ones that nobody took in for {retain.ASIDE_DAYS} days",
    "spam": f"spam of more than {retain.ASIDE_DAYS} days ago",
    "dropped": f"set aside {keeping.FLOOR_DAYS} days ago",
}


class Halted(Exception):
    """The process is to stop; what was done is done."""


async def run(stopping: asyncio.Event) -> None:
    """Do each night's run, in whichever process comes first, until `stopping`."""
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK)
            return
        try:
            await in_thread(tonight, datetime.now(UTC), stopping.is_set)
        except Halted:
            return
        except (DatabaseError, OSError, Busy) as problem:  # goes on at the next look
            log.warning("retention_interrupted", problem=type(problem).__name__)


def tonight(now: datetime, halt: Callable[[], bool] = lambda: False) -> Tally | None:
    """The run of the night that was last, if nobody has done it; None if somebody has, or is at it. For threads.

    Raises Halted once `halt` says so; the next process goes on.
    """
    name = f"{now - timedelta(hours=HOUR):%Y-%m-%d}"
    if retain.done(name) or not retain.claim(name):
        return None
    return _noted(name, _sites(), halt=halt)


def report(*, dry_run: bool = False, site: str = "") -> int:
    """`throughline retain`: do it, or only say what would be done. Returns the exit status."""
    out = Console(highlight=False)
    sites = _sites(site)
    if not sites:
        out.print(f"There is no site {site!r}." if site else "There is no site yet.")
        return 2
    if dry_run:
        _dry(out, sites)
        return 0
    with process.alone():
        name = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} by hand"
        retain.claim(name)
        tally = _noted(name, sites, out)
    out.print(_words(tally))
    return 1 if tally.failed else 0


def _noted(name: str, sites: Mapping[int, Site], out: Console | None = None, halt: Callable[[], bool] = lambda: False) -> Tally:
    shown = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=out, transient=True) if out and out.is_terminal else None
    noted = time.monotonic()
    with shown or nullcontext():
        task = shown.add_task("Looking") if shown else None

        def told(tally: Tally) -> None:
            nonlocal noted
            if halt():
                raise Halted
            if shown is not None and task is not None:
                shown.update(task, description=_words(tally))
            if time.monotonic() > noted + NOTED:
                retain.note(name, tally)
                noted = time.monotonic()

        tally = ending.run(sites, told=told)
    retain.note(name, tally, ended=True)
    log.info("retention_done", looked=tally.looked, noticed=tally.noticed, ended=tally.ended, entries=tally.entries, failed=tally.failed)
    return tally


def _dry(out: Console, sites: Mapping[int, Site]) -> None:
    now = time.time_ns() // 1000
    tally = Tally()
    for one in ending.due(sites, now=now, tally=tally):
        tally.noticed += bool(one.until)
        tally.ended += not one.until
        if tally.noticed + tally.ended <= LISTED:
            day = datetime.fromtimestamp((one.until or keeping.ends_at(one.head.state, keep_days=one.site.keep_days)) / 1_000_000, UTC)
            what = f"would be told that it is kept until {day:%d %B %Y}" if one.until else f"would end, its day was {day:%d %B %Y}"
            out.print(f"{one.site.case(one.head.number)} {what}")
    for state, count in retain.old_mail(now=now).items():
        out.print(f"{count} mail{'s' if count != 1 else ''} outside of any record would be removed: {MAILS[state]}.")
    out.print(f"{_words(tally)} Nothing was done: leave --dry-run out to do it.")


def _words(tally: Tally) -> str:
    """A line for people."""
    entries = f" ({tally.entries} entries)" if tally.entries else ""
    failed = f" {tally.failed} failed: see the log." if tally.failed else ""
    return f"{tally.looked} records near their end: {tally.noticed} told, {tally.ended} ended{entries}.{failed}"


def _sites(key: str = "") -> dict[int, Site]:
    found = Site.objects.order_by("pk")
    return {site.pk: site for site in (found.filter(key=key) if key else found)}
