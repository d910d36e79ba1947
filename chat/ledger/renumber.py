"""A dump of PostgreSQL restored into another cluster: its events bear numbers of transactions that are still to come there.

The feed ends below the oldest open transaction, so it would show them late and out of order. They get the number of this transaction,
in the order of their ids, and who follows the feed begins anew. Touches nothing that is sealed.
"""

from __future__ import annotations

from django.db import connection, transaction

from chat.ledger.sql import ask

_LATER = "tx >= pg_snapshot_xmax(pg_current_snapshot())"


def renumber() -> int:
    """Give events of later transactions the number of this one; returns how many. Nobody may write meanwhile, and only the owner of the
    tables can. On SQLite, and in the cluster they came from, there is nothing to do."""
    if connection.vendor != "postgresql" or not ask(f"SELECT 1 FROM chat_event WHERE {_LATER} LIMIT 1"):
        return 0
    with transaction.atomic():
        # The triggers let nothing pass but crossing out; here they sleep for one statement that changes no content.
        ask("ALTER TABLE chat_event DISABLE TRIGGER chat_event_only_cross_out")
        ((count,),) = ask(
            f"WITH moved AS (UPDATE chat_event SET tx = pg_current_xact_id() WHERE {_LATER} RETURNING 1) SELECT count(*) FROM moved"
        )
        ask("ALTER TABLE chat_event ENABLE TRIGGER chat_event_only_cross_out")
        ask("UPDATE chat_follower SET tx = 0, event = 0, edition = 0")
    return int(count)
