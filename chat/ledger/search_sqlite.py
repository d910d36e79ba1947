"""The index of words on SQLite: FTS5 beside the table of rows, walked from the newest row to older ones.

FTS5 keeps what was removed in its segments until they are merged: `optimize` does that, and then VACUUM clears the pages.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import orjson

from chat.ledger.search_terms import Hit, Row, Terms, expression, site_mark
from chat.ledger.sql import Asking, Sql, Steps

BATCH = 100
"""Events in one transaction: while it runs, appends wait."""
LOOKS = (1, 5, 100)
"""How many times `limit` finds of all sites are looked through for those of some, before FTS5 is sent through lists of nearly all rows."""


def insert(sql: Sql, rows: Sequence[Row]) -> None:
    """Add rows whose ids follow on those that are there."""
    data = orjson.dumps([[row.id, row.conversation, row.position, row.site, row.at, " ".join(row.words)] for row in rows]).decode()
    values = ", ".join(f"value ->> {n}" for n in range(6))
    sql(f"INSERT INTO chat_search (id, conversation, position, site, at, words) SELECT {values} FROM json_each(%s)", data)
    sql(
        "INSERT INTO chat_search_fts (rowid, words) SELECT id, words FROM chat_search WHERE id BETWEEN %s AND %s ORDER BY id",
        rows[0].id,
        rows[-1].id,
    )


def learn(sql: Sql, words: Collection[str]) -> None:
    """Note words, so that their beginnings lead to them."""
    sql("INSERT INTO chat_word (word) SELECT value FROM json_each(%s) WHERE true ON CONFLICT DO NOTHING", _json(words))


def newest(sql: Sql, terms: Terms, *, sites: Sequence[int], below: int, limit: int) -> list[Hit]:
    """The newest rows of some sites with an id below `below`. FTS5 steps through its lists backwards, so the cost follows `limit`."""
    for times in LOOKS:
        found = _matching(sql, terms, below, limit * times)
        hits = [hit for hit, site in found if site in sites][:limit]
        if len(hits) == limit or len(found) < limit * times:
            return hits
    # So many finds, and so few of them there: sites with few rows, whose own list is short.
    marks = [site_mark(site) for site in sites]
    return [hit for hit, _ in _matching(sql, [*terms, marks], below, limit)]


def words_of(conversation: int, position: int) -> Asking[tuple[int, list[str]] | None]:
    """The id and the words of the row of an event, if there is one."""
    found = yield "SELECT id, words FROM chat_search WHERE conversation = %s AND position = %s", (conversation, position)
    return (found[0][0], found[0][1].split()) if found else None


def replace(row: Row, before: Sequence[str]) -> Steps:
    """Let a row hold other words than those it held before."""
    after = " ".join(row.words)
    # FTS5 takes out what it is told was there: it must be the very text that went in.
    yield "INSERT INTO chat_search_fts (chat_search_fts, rowid, words) VALUES ('delete', %s, %s)", (row.id, " ".join(before))
    yield "UPDATE chat_search SET words = %s WHERE id = %s", (after, row.id)
    yield "INSERT INTO chat_search_fts (rowid, words) VALUES (%s, %s)", (row.id, after)


def forget(words: Collection[str]) -> Steps:
    """Take words that no row holds any more out of the list of words."""
    yield (
        "DELETE FROM chat_word WHERE word IN (SELECT value FROM json_each(%s) AS j WHERE NOT EXISTS "
        "(SELECT 1 FROM chat_search_fts WHERE chat_search_fts MATCH '\"' || j.value || '\"'))",
        (_json(words),),
    )


def empty(sql: Sql) -> None:
    sql("INSERT INTO chat_search_fts (chat_search_fts) VALUES ('delete-all')")
    sql("DELETE FROM chat_search")
    sql("DELETE FROM chat_word")


MERGE = "INSERT INTO chat_search_fts (chat_search_fts) VALUES ('optimize')"
"""One segment out of all, and in it nothing that was removed."""


def _matching(sql: Sql, terms: Terms, below: int, limit: int) -> list[tuple[Hit, int]]:
    rows = sql(
        "SELECT s.id, s.conversation, s.position, s.at, s.site FROM chat_search_fts CROSS JOIN chat_search AS s "
        "ON s.id = chat_search_fts.rowid WHERE chat_search_fts MATCH %s AND chat_search_fts.rowid < %s "
        "ORDER BY chat_search_fts.rowid DESC LIMIT %s",
        expression(terms, all_of=" AND ", one_of=" OR ", quote='"'),
        below,
        limit,
    )
    return [(Hit(*row), site) for *row, site in rows]


def _json(words: Collection[str]) -> str:
    return orjson.dumps(sorted(words)).decode()
