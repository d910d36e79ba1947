"""How often something happened within the last hour, counted over all processes and restarts. Names are kept as keyed digests.

Counting is cheap: most of it stays in memory, and the table gets it in steps, so that a process that dies loses less than one step.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from django.db import connection, models, transaction

from chat.people.keys import key_for

HOUR = 3600
MAX_NAMES = 20_000
"""Names that one process keeps in memory; for others it asks the table."""
KEPT = 3
"""Hours after which a row goes."""


class Tally(models.Model):
    """A count in one hour of the clock."""

    name = models.CharField(max_length=64)
    hour = models.BigIntegerField()
    """Hours since 1970."""
    count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "chat_tally"
        constraints = [models.UniqueConstraint(fields=["name", "hour"], name="tally_once")]
        indexes = [models.Index(fields=["hour"], name="tally_by_hour")]


@dataclass(slots=True)
class _Known:
    """What this process knows of one name: what the table said, and what is not yet in it."""

    hour: int
    told: int
    before: int
    unsaved: int = 0


@dataclass(slots=True)
class Counter:
    """Counts one kind of thing by name. Runs on threads: now and then it reads or writes the database."""

    kind: str
    step: int
    """How many may stand in memory alone."""
    clock: Callable[[], float] = time.time
    _known: OrderedDict[str, _Known] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, name: str) -> int:
        """Count one; gives how many there were within an hour, this one included."""
        now = self.clock()
        digest = hmac.new(key_for("person"), f"{self.kind}\0{name.lower()}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        with self._lock:
            known = self._of(digest, int(now // HOUR))
            known.unsaved += 1
            if known.unsaved >= self.step:
                known.told = _save(digest, known.hour, known.unsaved)
                known.unsaved = 0
            # The hour before counts by the part of it that still lies within the last sixty minutes.
            return known.told + known.unsaved + int(known.before * (1 - now % HOUR / HOUR))

    def forget(self) -> None:
        """Drop what is in memory alone."""
        with self._lock:
            self._known.clear()

    def _of(self, digest: str, hour: int) -> _Known:
        known = self._known.get(digest)
        if known is None or known.hour != hour:
            rows = dict(Tally.objects.filter(name=digest, hour__gte=hour - 1).values_list("hour", "count"))
            known = _Known(hour=hour, told=rows.get(hour, 0), before=rows.get(hour - 1, 0) + (known.unsaved if known else 0))
            self._known[digest] = known
        self._known.move_to_end(digest)
        while len(self._known) > MAX_NAMES:
            self._known.popitem(last=False)
        return known


def _save(digest: str, hour: int, more: int) -> int:
    """Add to the row, or make it; gives what stands there now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_tally WHERE hour < %s", [hour - KEPT])
        cursor.execute(
            "INSERT INTO chat_tally (name, hour, count) VALUES (%s, %s, %s) "
            "ON CONFLICT (name, hour) DO UPDATE SET count = chat_tally.count + excluded.count RETURNING count",
            [digest, hour, more],
        )
        return int(cursor.fetchone()[0])
