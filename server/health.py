"""Whether this process can do its work, for load balancers and for people: what prevents it, and what is worse than it should be.

Says nothing about conversations.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import path

from chat.ledger import blobs, triggers
from chat.ledger.backlog import Backlog, backlog
from chat.ledger.writer import running_writer
from mailgateway import imap
from mailgateway.sending import stuck
from server import bells

log = structlog.get_logger()

MANY = 2_000
"""Commands that wait to be stored; senders are told to come back at four times as many."""
REMEMBERED = 1.0
"""Seconds for which an answer holds: however often it is asked for, the database and the disk are looked at once."""
ALARMS_LATE = 60
MAIL_LATE = 300
"""Seconds from which on what waits is worth a word."""


@dataclass(frozen=True, slots=True)
class Health:
    """`problems` prevent this process from working; with `warnings` it goes on, and nothing is lost. Each is a name and a sentence."""

    problems: dict[str, str]
    warnings: dict[str, str]
    waiting: int
    """Commands that wait to be stored."""
    backlog: Backlog | None
    """None if the database does not answer."""

    @property
    def status(self) -> int:
        """As HTTP says it: 200 or 503."""
        return 503 if self.problems else 200

    def told(self) -> dict[str, object]:
        word = "trouble" if self.problems else "ok"
        return {"status": word, "problems": self.problems, "warnings": self.warnings, "waiting_to_be_stored": self.waiting}


def examine() -> Health:
    """Look at database, triggers, blob store, Redis and at what waits. Blocks; call it in a thread."""
    problems, warnings, found = dict(_problems()), dict(_warnings()), None
    try:
        found = backlog() if "database" not in problems else None
    except DatabaseError as problem:
        problems["database"] = _database_away(problem)
    if found is not None:
        warnings |= _late(found)
        if words := stuck.trouble(found):
            warnings["courier"] = words
        if words := imap.trouble():
            warnings["mailbox"] = words
    return Health(problems, warnings, running_writer().waiting(), found)


_guard = threading.Lock()
_last: tuple[float, Health] | None = None


def examined() -> Health:
    """`examine`, or what it found a moment ago."""
    global _last
    with _guard:
        if _last is None or time.monotonic() - _last[0] > REMEMBERED:
            _last = (time.monotonic(), examine())
        return _last[1]


def health(request: HttpRequest) -> JsonResponse:
    """200 if this process can do its work, else 503; a sentence for each thing that is not as it should be."""
    found = examined()
    return JsonResponse(found.told(), status=found.status)


def _problems() -> Iterator[tuple[str, str]]:
    try:
        connection.ensure_connection()
        missing = triggers.missing("default")
        if missing:
            yield "triggers", f"the database no longer refuses changes: {', '.join(missing)} missing"
    except DatabaseError as problem:
        yield "database", _database_away(problem)
    if trouble := blobs.trouble():
        yield "blobs", trouble


def _database_away(problem: DatabaseError) -> str:
    log.error("health_database_away", problem=str(problem))
    return "the database does not answer"


def _warnings() -> Iterator[tuple[str, str]]:
    line = bells.stats()
    if line is not None and not line.connected:
        since = datetime.fromtimestamp(line.away_since, UTC)
        yield "redis", f"Redis does not answer since {since:%Y-%m-%d %H:%M:%S} UTC: what other processes store is seen later here"
    waiting = running_writer().waiting()
    if waiting > MANY:
        yield "writer", f"{waiting} commands wait to be stored: the database or its disk is slow"


def _late(waiting: Backlog) -> dict[str, str]:
    ages = {
        "alarms": (waiting.alarms_late_seconds, ALARMS_LATE, "alarms ring"),
        "intake": (waiting.mails_waiting_seconds, MAIL_LATE, "mail that came in is read"),
    }
    return {
        name: f"{what} {_minutes(age)} late: does a process with the role work run, and is it well?"
        for name, (age, bound, what) in ages.items()
        if age > bound
    }


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"


urlpatterns = [path("health", health)]
