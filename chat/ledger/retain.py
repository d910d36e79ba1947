"""Finding the records whose time is over without looking at all of them, and the books of each run. Crosses nothing out itself.

Knows neither the kinds of events that end a record nor the sites' names.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from chat.ledger.keeping import DAY, FLOOR_DAYS, latest_keep_day
from chat.ledger.keeping_models import RetentionRun
from chat.ledger.models import Conversation, Received
from chat.ledger.read import Head, as_head
from chat.ledger.received import ASIDE, DROPPED

PAGE = 200
ASIDE_DAYS = 30
"""Days for which a mail that was put aside, as doubtful or as spam, waits for somebody to look at it."""
SILENT = 600.0
"""Seconds after which a run that says nothing belongs to a process that died."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run did so far."""

    looked: int = 0
    """Records that ended, or were near it."""
    noticed: int = 0
    ended: int = 0
    entries: int = 0
    """Entries that lost content."""
    failed: int = 0
    """Records that could not be ended now; the next run tries again."""


def candidates(site: int, *, keep_days: int, now: int) -> Iterator[Head]:
    """The records of a site whose customers are to be told, or whose time may be over, oldest first. Memory is bounded by a page."""
    last = latest_keep_day(keep_days=keep_days, now=now)
    day = cid = 0
    while True:
        behind = Q(keep_day__gt=day) | Q(keep_day=day, pk__gt=cid)
        rows = list(
            Conversation.objects.filter(behind, site=site, keep_day__gt=0, keep_day__lte=last)
            # The index is only for days that are not 0, and both engines want to read that.
            .exclude(keep_day=0)
            .order_by("keep_day", "pk")[:PAGE]
        )
        for row in rows:
            day, cid = row.keep_day, row.pk
            yield as_head(row)
        if len(rows) < PAGE:
            return


def drop_old_mail(*, now: int) -> set[str]:
    """Forget mails that are in no record: put aside, after ASIDE_DAYS, wherever they may belong; others after the floor.

    Returns the digests of their blobs.
    """
    rows = _old_mail(now)
    digests = set(rows.values_list("digest", flat=True))
    rows.delete()
    return digests


def old_mail(*, now: int) -> dict[str, int]:
    """How many mails in each state `drop_old_mail` would forget."""
    return dict(_old_mail(now).order_by("state").values_list("state").annotate(Count("pk")))


def _old_mail(now: int) -> QuerySet[Received]:
    aside = Q(state__in=ASIDE, received_at__lte=now - ASIDE_DAYS * DAY)
    dropped = Q(state=DROPPED, received_at__lte=now - FLOOR_DAYS * DAY, conversation=None)
    return Received.objects.filter(aside | dropped)


def claim(name: str) -> bool:
    """Whether this process does the run of this name: nobody has done it, and nobody is at it."""
    now = _now()
    with transaction.atomic():
        run, made = RetentionRun.objects.get_or_create(name=name, defaults={"began_at": now, "seen_at": now})
    if made:
        return True
    if run.ended_at or run.seen_at > now - int(SILENT * 1_000_000):
        return False
    return bool(RetentionRun.objects.filter(name=name, seen_at=run.seen_at, ended_at=0).update(seen_at=now))


def done(name: str) -> bool:
    """Whether the run of this name has come to its end."""
    return RetentionRun.objects.filter(name=name, ended_at__gt=0).exists()


def note(name: str, tally: Tally, *, ended: bool = False) -> None:
    """Write down how far a run is."""
    now = _now()
    RetentionRun.objects.filter(name=name).update(
        seen_at=now,
        ended_at=now if ended else 0,
        looked=tally.looked,
        noticed=tally.noticed,
        ended=tally.ended,
        entries=tally.entries,
        failed=tally.failed,
    )


def _now() -> int:
    return time.time_ns() // 1000
