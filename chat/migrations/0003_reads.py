"""Indexes that queues are read by and no others, and the tables of the search with each engine's own index of words."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def add_index_of_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE chat_search ALTER COLUMN words TYPE tsvector USING words::tsvector")
        # A long list of rows that are not in the index yet would be walked by each search.
        schema_editor.execute("CREATE INDEX search_words ON chat_search USING gin (words) WITH (gin_pending_list_limit = 256)")
    else:
        # Our own words come in, letter by letter as they are to be found; who and where are marked by @ and ~.
        schema_editor.execute(
            "CREATE VIRTUAL TABLE chat_search_fts USING fts5(words, content='chat_search', content_rowid='id', detail='none', "
            "columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '@~'\")"
        )


def add_words(apps: Any, schema_editor: Any) -> None:
    # Ordered by code points everywhere: the beginning of a word is a range.
    order = ' COLLATE "C"' if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"CREATE TABLE chat_word (word varchar(40){order} NOT NULL PRIMARY KEY)")


def drop_words(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE chat_word")


def add_follower(apps: Any, schema_editor: Any) -> None:
    apps.get_model("chat", "Follower").objects.get_or_create(name="search")


def drop_index_of_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        schema_editor.execute("DROP TABLE chat_search_fts")


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_feed")]
    operations = [
        migrations.RemoveIndex(model_name="conversation", name="conversation_all"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_open"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_mine"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_offered"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_waiting"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_closed"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_bounced"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_promises"),
        migrations.RemoveIndex(model_name="participant", name="participant_of"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "-touched_at", "-id", "status"], condition=~models.Q(status="closed"), name="queue_open"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "assignee", "-touched_at", "-id", "status"], condition=~models.Q(status="closed"), name="queue_assigned"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "offered_to", "-touched_at", "-id", "status"], condition=~models.Q(offered_to=""), name="queue_offered"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "waiting_since", "id", "status"], condition=models.Q(status="open") & ~models.Q(waiting_since=0), name="queue_waiting"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "assignee", "due_at", "id"], condition=~models.Q(due_at=0), name="queue_promises"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "-touched_at", "-id", "status"], condition=models.Q(status="snoozed"), name="queue_snoozed"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "-touched_at", "-id", "bounced"], condition=models.Q(bounced=True), name="queue_bounced"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["site", "-touched_at", "-id", "status"], condition=models.Q(status="closed"), name="queue_closed"),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(fields=["source", "-id"], condition=models.Q(state="kept"), name="received_kept"),
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("edition", models.IntegerField(default=0)),
                ("tx", models.BigIntegerField(default=0)),
                ("event", models.BigIntegerField(default=0)),
                ("crossings", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "chat_follower"},
        ),
        migrations.CreateModel(
            name="Found",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("conversation", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("site", models.BigIntegerField()),
                ("at", models.BigIntegerField()),
                ("words", models.TextField()),
            ],
            options={
                "db_table": "chat_search",
                "constraints": [models.UniqueConstraint(fields=("conversation", "position"), name="search_once")],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_words, drop_words)],
            state_operations=[
                migrations.CreateModel(
                    name="Word",
                    fields=[("word", models.CharField(max_length=40, primary_key=True, serialize=False))],
                    options={"db_table": "chat_word"},
                )
            ],
        ),
        migrations.RunPython(add_index_of_words, drop_index_of_words),
        migrations.RunPython(add_follower, migrations.RunPython.noop),
    ]
