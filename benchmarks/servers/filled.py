"""A store with very many conversations, made by the database itself from one that was really told. Knows the tables of both engines.

The copies' events are short and their seals do not fit: nothing that reads queues or searches looks at an event.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from chat.ledger.search_postgres import WINDOWS

EVENTS = 5
"""Of each conversation; all of them can be found."""
BEGUN = 1_795_000_000_000_000
SECOND = 1_000_000
_CONVERSATION = """
INSERT INTO chat_conversation (id, site, number, position, head, last_at, state, status, assignee, offered_to, team, channel,
  waiting_since, touched_at, due_at, bounced)
SELECT i * 2048 + 7, CASE WHEN i % 10 = 0 THEN {second} ELSE {first} END, i + 10, t.position, t.head, {at}, t.state,
  CASE WHEN i % 50 = 4 THEN 'snoozed' WHEN i % 10 < 3 THEN 'open' ELSE 'closed' END,
  CASE WHEN i % 3 = 0 THEN '' ELSE 'agent:' || (i % 9) END, CASE WHEN i % 500 = 1 THEN 'agent:5' ELSE '' END, '', t.channel,
  CASE WHEN i % 10 < 3 AND i % 2 = 0 THEN {at} ELSE 0 END, {at}, CASE WHEN i % 20 = 1 THEN {at} ELSE 0 END, i % 100 = 3
FROM {numbers} CROSS JOIN (SELECT * FROM chat_conversation WHERE number < 10 LIMIT 1) AS t
"""
_EVENT = """
INSERT INTO chat_event (conversation_id, site, position, kind, kind_version, actor, channel, audience, disclose, at, key, key_salt,
  header, digests, body, seal)
SELECT i * 2048 + 7, {first}, j, 'message.said', 1, 'customer:41', 'widget', 'everyone', 'yes', {at}, 'k' || j, {octets}, {octets}, '{{}}',
  '{{}}', {octets}
FROM {numbers} CROSS JOIN {five}
"""
_FOUND = """
INSERT INTO chat_search (id, conversation, position, site, at, words)
SELECT (i - 1) * {events} + j, i * 2048 + 7, j, CASE WHEN i % 10 = 0 THEN {second} ELSE {first} END, {at}, ({words}){cast}
FROM {numbers} CROSS JOIN {five}
"""
_WORDS = """
'my came with a ' || CASE WHEN n.e % 10 = 0 THEN 'lamp ' ELSE 'shade ' END || CASE WHEN n.e % {rare} = 7 THEN 'needle ' ELSE '' END
|| 'often' || (n.e * 7919 % 1000) || ' seldom' || (n.e * 104729 % 50000) || ' order' || (n.e / 3) || ' @'
|| CASE WHEN i % 10 = 0 THEN {second} ELSE {first} END
"""
_MARKS = "".join(f" || ' {mark}' || (n.e >> {bits})" for mark, bits in WINDOWS)


def fill(conversations: int, *, sites: tuple[int, int]) -> None:
    """Let there be so many conversations of two sites; one was told already. `lamp` is in every tenth event, `needle` in twenty of all."""
    postgres = connection.vendor == "postgresql"
    names: dict[str, Any] = {
        "first": sites[0],
        "second": sites[1],
        "events": EVENTS,
        "at": f"{BEGUN} + i * {SECOND}",
        "rare": max(8, conversations * EVENTS // 20),
        "octets": "'\\x00'::bytea" if postgres else "x'00'",
        "cast": "::tsvector" if postgres else "",
        "numbers": f"generate_series(1, {conversations}::bigint) AS s (i)" if postgres else "numbers",
        "five": f"generate_series(1, {EVENTS}) AS f (j)" if postgres else "five",
    }
    words = _WORDS.format(**names) + (_MARKS if postgres else "")
    with connection.cursor() as cursor:
        for statement in _before(postgres):
            cursor.execute(statement)
        for statement in (_CONVERSATION, _EVENT, _FOUND):
            text = statement.replace("{words}", words.replace("n.e", f"((i - 1) * {EVENTS} + j)")).format(**names)
            cursor.execute(text if postgres else _with_numbers(text, conversations))
        cursor.execute(_vocabulary(conversations * EVENTS // 3, postgres))
        for statement in _after(postgres):
            cursor.execute(statement)


def _with_numbers(statement: str, conversations: int) -> str:
    numbers = f"numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {conversations})"
    five = "five (j) AS (VALUES " + ", ".join(f"({j})" for j in range(1, EVENTS + 1)) + ")"
    return f"WITH RECURSIVE {numbers}, {five} {statement}"


def _vocabulary(orders: int, postgres: bool) -> str:
    def numbered(word: str, count: int) -> str:
        if postgres:
            return f"SELECT '{word}' || i FROM generate_series(0, {count}) AS s (i)"
        numbers = f"s (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"
        return f"SELECT '{word}' || i FROM (WITH RECURSIVE {numbers} SELECT i FROM s)"

    plain = " UNION ALL ".join(f"SELECT '{word}'" for word in ("my", "came", "with", "a", "lamp", "shade", "needle"))
    every = " UNION ALL ".join((plain, numbered("often", 999), numbered("seldom", 49_999), numbered("order", orders)))
    return f"INSERT INTO chat_word (word) SELECT * FROM ({every}) AS w WHERE true ORDER BY 1 ON CONFLICT DO NOTHING"


def _before(postgres: bool) -> list[str]:
    if postgres:
        return ["SET maintenance_work_mem = '512MB'", "SET synchronous_commit = off", "TRUNCATE chat_search", "DROP INDEX search_words"]
    return ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -500000", "DROP TRIGGER chat_event_no_replace", "DELETE FROM chat_search"]


def _after(postgres: bool) -> list[str]:
    if postgres:
        tables = ("chat_conversation", "chat_event", "chat_search", "chat_word")
        index = "CREATE INDEX search_words ON chat_search USING gin (words) WITH (gin_pending_list_limit = 256)"
        return [index, *(f"VACUUM ANALYZE {table}" for table in tables)]
    return ["INSERT INTO chat_search_fts (chat_search_fts) VALUES ('rebuild')", "PRAGMA wal_checkpoint(TRUNCATE)"]
