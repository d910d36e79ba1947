"""Crossing out for good: the command that does it, and making sure that the storage engine keeps no trace of what is gone.

Who may do it and on what ground is decided above; the privacy event comes from there, this room does not know its kind.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence

import structlog
from django.db import connections

from chat.ledger import search_postgres, search_sqlite
from chat.ledger.append import Command, Crosses, Fact, Receipt, append_sync
from chat.ledger.event import Kind
from chat.ledger.sqlite.turn import turn

log = structlog.get_logger()

_TRIES = 20


def crossing_out(
    conversation: int,
    position: int,
    fields: Sequence[str],
    *,
    says: Kind,
    actor: str,
    key: str,
    channel: str = "system",
    expect: Callable[..., None] | None = None,
) -> Command:
    """The command that crosses out `fields` of the entry at `position` (an attachment is the field `attachments.<index>`).

    `says` is the privacy event; it must name the same position and the same fields, or the database refuses.
    """
    fact = Fact(conversation=conversation, body=says, actor=actor, channel=channel, key=key)
    crosses = Crosses(conversation=conversation, position=position, fields=tuple(fields))
    return Command(facts=(fact,), rows=(crosses,), expect=expect)


def cross_out(conversation: int, position: int, fields: Sequence[str], *, says: Kind, actor: str, key: str) -> Receipt:
    """Cross out and scrub, for threads. Raises Refused if the entry or a field is not there; the same key again changes nothing."""
    receipt = append_sync(crossing_out(conversation, position, fields, says=says, actor=actor, key=key))
    scrub()
    return receipt


def scrub() -> bool:
    """Rewrite what the engine keeps of rows that are gone; once after any number of crossings. Appends wait meanwhile (SQLite).

    Returns False if readers held on to old pages for longer than some seconds; then the next call does the rest. Backups and archives
    made before are not reached.
    """
    connection = connections["default"]
    if connection.vendor == "sqlite":
        return _scrub_sqlite(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        for table in ("chat_event", "chat_conversation", "chat_attachment"):
            cursor.execute(f"VACUUM {table}")
        for statement in search_postgres.scrubbing():
            cursor.execute(statement)
    return True


def _scrub_sqlite(path: str) -> bool:
    own = sqlite3.connect(path, timeout=20, isolation_level=None)
    try:
        with turn:
            own.execute("PRAGMA secure_delete=ON")
            own.execute(search_sqlite.MERGE)
            own.execute("VACUUM")
        for _ in range(_TRIES):
            # The write-ahead log still holds the pages as they were; it can be cut once no reader stands in it.
            with turn:
                busy = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return True
            time.sleep(0.1)
    finally:
        own.close()
    log.warning("scrub_incomplete", reason="readers hold the write-ahead log")
    return False
