"""Triggers that make the database itself refuse to change or remove what was said, on both engines.

The only change that passes is value and salt of a field becoming NULL, inside a transaction that also holds the privacy event
which says so (see `crossing`). Installed after every migration, checked at start and by /health.
"""

from __future__ import annotations

from django.db import connections

_NEVER = {
    "chat_event": ("DELETE",),
    "chat_opening": ("UPDATE", "DELETE"),
    "chat_participant": ("UPDATE",),
    "chat_outsidename": ("UPDATE",),
    "chat_conversation": ("DELETE",),
}
_UNTIL_THE_END = ("chat_participant", "chat_outsidename")
"""Rows that go when the time of a record is over: whoever removes them holds the permit for this conversation meanwhile."""
# The permit alone: with the events in it SQLite could not remake their table.
_OVER = "EXISTS (SELECT 1 FROM chat_crossing c WHERE c.conversation = OLD.conversation_id)"
_KEPT = ["id", "conversation_id", "site", "position", "kind", "kind_version", "actor", "channel", "audience", "disclose", "at"]
_KEPT += ["key", "key_salt", "header", "digests", "seal"]
PERMITTING = ("privacy.crossed_out", "erasure.carried_out", "retention.carried_out")
"""The kinds of event that a crossing out must stand beside.

Such an event names one entry (`of` and `fields`), or many: `entries`, a map of position to fields.
"""
_PERMIT = (
    "EXISTS (SELECT 1 FROM chat_crossing c JOIN chat_event p ON p.conversation_id = c.conversation AND p.position = c.position "
    "WHERE c.conversation = OLD.conversation_id AND p.kind IN ({kinds}) AND {says})"
)
"""The privacy event must name this very entry and every field that goes: an old one permits nothing new."""
_ONE_SQLITE = "json_extract(p.body, '$.of[1]') = CAST(OLD.position AS TEXT)"
_MANY_SQLITE = "json_extract(p.body, '$.entries[1]'), '$.\"' || OLD.position || '\"'"
_SAYS_SQLITE = (
    f"({_ONE_SQLITE} OR json_type({_MANY_SQLITE}) IS NOT NULL) AND NOT EXISTS "
    "(SELECT 1 FROM json_each(NEW.body) n JOIN json_each(OLD.body) o ON o.key = n.key "
    "WHERE n.type = 'null' AND o.type <> 'null' AND n.key <> '_sentence' "
    f"AND n.key NOT IN (SELECT f.value FROM json_each(json_extract(p.body, '$.fields[1]')) f WHERE {_ONE_SQLITE} "
    f"UNION ALL SELECT f.value FROM json_each({_MANY_SQLITE}) f))"
)
_NAMED_POSTGRES = (
    "coalesce(CASE WHEN p.body::jsonb -> 'of' ->> 1 = OLD.position::text THEN (p.body::jsonb -> 'fields' ->> 1)::jsonb END, "
    "(p.body::jsonb -> 'entries' ->> 1)::jsonb -> OLD.position::text)"
)
_SAYS_POSTGRES = (
    f"p.tx = pg_current_xact_id() AND {_NAMED_POSTGRES} IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM jsonb_each(NEW.body::jsonb) n WHERE jsonb_typeof(n.value) = 'null' "
    "AND jsonb_typeof(OLD.body::jsonb -> n.key) <> 'null' AND n.key <> '_sentence' "
    f"AND NOT jsonb_exists({_NAMED_POSTGRES}, n.key))"
)
_ONCE = {
    "chat_event": (("id",), ("conversation_id", "position"), ("conversation_id", "actor", "key")),
    "chat_opening": (("id",), ("site", "source", "key")),
    "chat_outsidename": (("id",), ("namespace", "value")),
}
"""SQLite's INSERT OR REPLACE removes the row in its way without any DELETE trigger: a row that is there is in nobody's way."""


def names(vendor: str) -> list[str]:
    """All triggers that must be there on this engine."""
    never = [f"{table}_no_{verb.lower()}" for table, verbs in _NEVER.items() for verb in verbs]
    never += [f"{table}_no_delete" for table in _UNTIL_THE_END]
    own = [f"{table}_no_truncate" for table in _NEVER] if vendor == "postgresql" else [f"{table}_no_replace" for table in _ONCE]
    return sorted([*never, *own, "chat_event_only_cross_out"])


def install(using: str) -> None:
    """Put every trigger in place (again)."""
    connection = connections[using]
    if "chat_event" not in connection.introspection.table_names():
        return
    statements = _postgres() if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def missing(using: str) -> list[str]:
    """Triggers that are not in place."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {row[0] for row in cursor.fetchall()}
    return [name for name in names(connection.vendor) if name not in found]


def _sqlite() -> list[str]:
    made = []
    for table, verbs in _NEVER.items():
        for verb in verbs:
            name = f"{table}_no_{verb.lower()}"
            made += [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {_refusal(table)}",
            ]
    for table in _UNTIL_THE_END:
        made += [
            f"DROP TRIGGER IF EXISTS {table}_no_delete",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {_OVER} {_refusal(table)}",
        ]
    for table, uniques in _ONCE.items():
        there = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in columns)})" for columns in uniques
        )
        made += [
            f"DROP TRIGGER IF EXISTS {table}_no_replace",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            # The writer itself lets a known outside name lie (ON CONFLICT DO NOTHING), which a loud refusal would forbid.
            + ("BEGIN SELECT RAISE(IGNORE); END" if table == "chat_outsidename" else _refusal(table)),
        ]
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT)
    crossed = (
        "NOT EXISTS (SELECT 1 FROM json_each(NEW.body) n WHERE n.type <> 'null' AND NOT EXISTS "
        "(SELECT 1 FROM json_each(OLD.body) o WHERE o.key = n.key AND o.value = n.value)) "
        "AND (SELECT count(*) FROM json_each(NEW.body)) = (SELECT count(*) FROM json_each(OLD.body)) "
        "AND NOT EXISTS (SELECT 1 FROM json_each(OLD.body) o WHERE o.key NOT IN (SELECT n.key FROM json_each(NEW.body) n))"
    )
    permit = _PERMIT.format(kinds=_kinds(), says=_SAYS_SQLITE)
    made += [
        "DROP TRIGGER IF EXISTS chat_event_only_cross_out",
        f"CREATE TRIGGER chat_event_only_cross_out BEFORE UPDATE ON chat_event WHEN NOT ({same} AND {crossed} AND {permit}) "
        "BEGIN SELECT RAISE(ABORT, 'chat_event: only crossing out, together with its privacy event, is allowed'); END",
    ]
    return made


def _kinds() -> str:
    return ", ".join(f"'{kind}'" for kind in PERMITTING)


def _refusal(table: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{table}: what was said is neither changed nor removed'); END"


def _postgres() -> list[str]:
    made = [
        "CREATE OR REPLACE FUNCTION chat_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '%: what was said is neither changed nor removed', TG_TABLE_NAME; END $$",
        "CREATE OR REPLACE FUNCTION chat_only_cross_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({', '.join(f'NEW.{c}' for c in _KEPT)}, NEW.tx) IS DISTINCT FROM ({', '.join(f'OLD.{c}' for c in _KEPT)}, OLD.tx) "
        "OR EXISTS (SELECT 1 FROM jsonb_each(NEW.body::jsonb) n WHERE jsonb_typeof(n.value) <> 'null' "
        "AND n.value IS DISTINCT FROM OLD.body::jsonb -> n.key) "
        "OR (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(NEW.body::jsonb) k) "
        "IS DISTINCT FROM (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(OLD.body::jsonb) k) "
        f"OR NOT {_PERMIT.format(kinds=_kinds(), says=_SAYS_POSTGRES)} "
        "THEN RAISE EXCEPTION 'chat_event: only crossing out, together with its privacy event, is allowed'; END IF; RETURN NEW; END $$",
    ]
    made.append(
        "CREATE OR REPLACE FUNCTION chat_refuse_until_the_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_OVER} THEN RETURN OLD; END IF; RAISE EXCEPTION '%: what was said is neither changed nor removed', TG_TABLE_NAME; END $$"
    )
    for table in _UNTIL_THE_END:
        name = f"{table}_no_delete"
        made.append(f"CREATE OR REPLACE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION chat_refuse_until_the_end()")
    for table, verbs in _NEVER.items():
        for verb in verbs:
            name = f"{table}_no_{verb.lower()}"
            made.append(f"CREATE OR REPLACE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION chat_refuse()")
        made.append(
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION chat_refuse()"
        )
    made.append(
        "CREATE OR REPLACE TRIGGER chat_event_only_cross_out BEFORE UPDATE ON chat_event "
        "FOR EACH ROW EXECUTE FUNCTION chat_only_cross_out()"
    )
    return made
