"""PostgreSQL's feed column: (transaction id, id) orders events so that a follower below the snapshot's xmin skips none.

SQLite needs none: its one writer gives ids in commit order. The triggers themselves are installed after every migration.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations


def add(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE chat_event ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id()")
        schema_editor.execute("CREATE INDEX event_feed ON chat_event (tx, id)")


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
