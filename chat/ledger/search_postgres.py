"""The index of words on PostgreSQL: a tsvector and GIN, asked in windows from the newest rows to older ones.

GIN cannot give the newest first: it collects every row that fits, which for a common word are most. So each row also holds the number
of its window as a word; asking for it too lets GIN skip to that window's rows. Few in one window means few in a larger one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chat.ledger.search_terms import Hit, Row, Terms, expression
from chat.ledger.sql import Asking, Sql, Steps

NEWEST = 1024
"""Rows that are simply read, newest first, before the index is asked."""
WINDOWS = (("@a", 15), ("@b", 20))
"""Mark and size (as a power of two) of the windows that are asked one after the other; then everything older."""


def insert(sql: Sql, rows: Sequence[Row]) -> None:
    """Add rows whose ids follow on those that are there."""
    sql(
        "INSERT INTO chat_search (id, conversation, position, site, at, words) "
        "SELECT j.id, j.conversation, j.position, j.site, j.at, array_to_tsvector(string_to_array(j.words, ' ')) "
        "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) "
        "AS j (id, conversation, position, site, at, words) ORDER BY j.id RETURNING 1",
        [row.id for row in rows],
        [row.conversation for row in rows],
        [row.position for row in rows],
        [row.site for row in rows],
        [row.at for row in rows],
        [_text(row) for row in rows],
    )


def learn(sql: Sql, words: Collection[str]) -> None:
    """Note words, so that their beginnings lead to them."""
    sql("INSERT INTO chat_word (word) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING RETURNING 1", sorted(words))


def newest(sql: Sql, terms: Terms, *, below: int, limit: int) -> list[Hit]:
    """The newest rows with an id below `below`. The cost follows `limit` and hardly the number of rows."""
    asked = expression(terms, all_of=" & ", one_of=" | ", quote="'")
    hits = _among_the_newest(sql, asked, below, limit)
    below -= NEWEST
    for mark, bits in WINDOWS:
        if len(hits) >= limit or below <= 1:
            return hits
        window = (below - 1) >> bits
        both = f"({asked}) & ('{mark}{window}' | '{mark}{window - 1}')"
        least = (window - 1) << bits
        hits += _in_the_index(sql, both, least, below, limit - len(hits))
        below = least
    if len(hits) < limit and below > 1:
        hits += _in_the_index(sql, asked, 0, below, limit - len(hits))
    return hits


def words_of(conversation: int, position: int) -> Asking[tuple[int, list[str]] | None]:
    """The id and the words of the row of an event, if there is one."""
    found = yield (
        "SELECT id, tsvector_to_array(words) FROM chat_search WHERE conversation = %s AND position = %s",
        (conversation, position),
    )
    return (found[0][0], list(found[0][1])) if found else None


def replace(row: Row, before: Sequence[str]) -> Steps:
    """Let a row hold other words than those it held before."""
    yield (
        "UPDATE chat_search SET words = array_to_tsvector(string_to_array(%s::text, ' ')) WHERE id = %s RETURNING 1",
        (_text(row), row.id),
    )


def forget(words: Collection[str]) -> Steps:
    """Take words that no row holds any more out of the list of words."""
    # Common words are met among the newest rows; asking the index for one of those would collect most rows.
    newest = yield "SELECT array_agg(lexeme) FROM (SELECT words FROM chat_search ORDER BY id DESC LIMIT 2000) AS n, unnest(n.words)", ()
    rare = set(words) - set(newest[0][0] or () if newest else ())
    yield (
        "DELETE FROM chat_word WHERE word IN (SELECT j.word FROM unnest(%s::text[]) AS j (word) WHERE NOT EXISTS "
        "(SELECT 1 FROM chat_search WHERE words @@ ('''' || j.word || '''')::tsquery)) RETURNING 1",
        (sorted(rare),),
    )


def empty(sql: Sql) -> None:
    sql("TRUNCATE chat_search, chat_word")


def scrubbing() -> Iterator[str]:
    """Statements, each outside a transaction, after which no file of the index names what is gone."""
    yield "VACUUM chat_search"
    yield "VACUUM chat_word"
    # GIN keeps a word for ever, even when no row has it any more.
    yield "REINDEX INDEX CONCURRENTLY search_words"


def _among_the_newest(sql: Sql, asked: str, below: int, limit: int) -> list[Hit]:
    rows = sql(
        "SELECT id, conversation, position, at FROM (SELECT * FROM chat_search WHERE id < %s AND id >= %s ORDER BY id DESC LIMIT %s) AS n "
        "WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s",
        below,
        below - NEWEST,
        NEWEST,
        asked,
        limit,
    )
    return [Hit(*row) for row in rows]


def _in_the_index(sql: Sql, asked: str, least: int, below: int, limit: int) -> list[Hit]:
    # The addition keeps the planner from walking the ids backwards until enough words fit.
    rows = sql(
        "SELECT id, conversation, position, at FROM chat_search WHERE words @@ %s::tsquery AND id >= %s AND id < %s "
        "ORDER BY id + 0 DESC LIMIT %s",
        asked,
        least,
        below,
        limit,
    )
    return [Hit(*row) for row in rows]


def _text(row: Row) -> str:
    return " ".join((*row.words, *(f"{mark}{row.id >> bits}" for mark, bits in WINDOWS)))
