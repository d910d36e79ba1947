"""A feed of all events of all conversations that can be resumed and skips none: for webhooks, search and figures.

An id alone would skip: a transaction that took its ids early may commit late. PostgreSQL's feed is ordered by (transaction, id) and ends
below the oldest transaction still open; SQLite's one writer commits in the order of ids. Knows no reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import connection

from chat.ledger.models import Event
from chat.ledger.read import Entry, entry_of


class Place(NamedTuple):
    """Where a follower stands. Keep both numbers; on SQLite `tx` is always 0."""

    tx: int = 0
    id: int = 0


START = Place()


@dataclass(frozen=True, slots=True)
class Followed:
    """An entry and the place after it."""

    place: Place
    site: int
    entry: Entry


class Stored(NamedTuple):
    """An event as it lies there, for readers who need a few of its fields and no entry."""

    tx: int
    id: int
    conversation: int
    position: int
    site: int
    kind: str
    version: int
    at: int
    body: str

    @property
    def place(self) -> Place:
        return Place(self.tx, self.id)

    def values(self) -> dict[str, Any]:
        """The sealed fields that are not crossed out."""
        return {name: orjson.loads(pair[1]) for name, pair in orjson.loads(self.body).items() if pair is not None}


_POSTGRES = (
    "SELECT {columns}, tx::text AS feed_tx FROM chat_event WHERE (tx, id) > (%s::text::xid8, %s) "
    "AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx, id LIMIT %s"
)
_SQLITE = "SELECT {columns}, 0 AS feed_tx FROM chat_event WHERE id > %s ORDER BY id LIMIT %s"
_FEW = "id, conversation_id, position, site, kind, kind_version, at, body"


def feed(after: Place = START, *, limit: int = 500) -> list[Followed]:
    """At most `limit` entries after a place, each once and none left out; empty if nothing new is safe to read yet."""
    rows = Event.objects.raw(*_after("*", after, limit))
    return [Followed(Place(int(vars(row)["feed_tx"]), row.pk), row.site, entry_of(row)) for row in rows]


def stored(after: Place = START, *, limit: int = 500) -> list[Stored]:
    """The same feed, at the cost of the rows alone."""
    with connection.cursor() as cursor:
        cursor.execute(*_after(_FEW, after, limit))
        return [Stored(int(tx), *columns) for *columns, tx in cursor.fetchall()]


def end() -> Place:
    """The place after everything that is safe to read now: where a follower begins who wants only what is new."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tx::text, id FROM chat_event WHERE tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx DESC, id DESC LIMIT 1"
            )
        else:
            cursor.execute("SELECT 0, max(id) FROM chat_event")
        row = cursor.fetchone()
    return Place(int(row[0]), int(row[1])) if row and row[1] is not None else START


def _after(columns: str, place: Place, limit: int) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return _POSTGRES.format(columns=columns), [str(place.tx), place.id, limit]
    return _SQLITE.format(columns=columns), [place.id, limit]
