"""The index of words on PostgreSQL: a tsvector and GIN, asked in windows from the newest rows to older ones.

GIN cannot give the newest first: it collects every row that fits, which for a common word are most. So each row also holds the numbers
of its windows, small and large, as words; asking for one of them too lets GIN skip to its rows. How often a word was met among the
rows looked at so far says which window is likely to hold a page of finds, and hardly more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chat.ledger.search_terms import Hit, Row, Terms, expression, site_mark
from chat.ledger.sql import Asking, Sql, Steps

BATCH = 500
"""Events in one transaction."""
NEWEST = 1024
"""Rows that are simply read, newest first, before the index is asked."""
MOST_ROWS = 0.2
"""From this part of the newest rows on, rows of other sites are passed over one by one; below it, GIN is asked for the sites too."""
WINDOWS = (("@a", 13), ("@b", 16), ("@c", 19), ("@d", 22))
"""Marks and sizes (as powers of two) of the windows. Two neighbours are asked at once, so that at least one is whole."""


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


def newest(sql: Sql, terms: Terms, *, sites: Sequence[int], below: int, limit: int) -> list[Hit]:
    """The newest rows of some sites with an id below `below`. The cost follows `limit` and hardly the number of rows."""
    asked = expression(terms, all_of=" & ", one_of=" | ", quote="'")
    theirs, hits = _among_the_newest(sql, asked, sites, below)
    if theirs < NEWEST * MOST_ROWS:
        asked += f" & {expression([[site_mark(site) for site in sites]], all_of='', one_of=' | ', quote=chr(39))}"
    edge = max(1, below - NEWEST)
    while len(hits) < limit and edge > 1:
        mark, least = _window(edge, _needed(len(hits), below - edge, limit))
        hits += _in_the_index(sql, f"{asked}{mark}", sites, least, edge, limit - len(hits))
        edge = least
    return hits[:limit]


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


def _needed(found: int, seen: int, limit: int) -> float:
    """How many rows are likely to hold the rest of a page. Nothing found yet counts as half a find."""
    return (limit - found) * seen / max(found, 0.5)


def _window(edge: int, rows: float) -> tuple[str, int]:
    """What to ask for beside the words so that about `rows` rows below `edge` are looked at, and the least id among them."""
    for mark, bits in WINDOWS:
        if rows <= 2 << bits:
            number = (edge - 1) >> bits
            return f" & ('{mark}{number}' | '{mark}{number - 1}')", max(1, (number - 1) << bits)
    return "", 1


def _among_the_newest(sql: Sql, asked: str, sites: Sequence[int], below: int) -> tuple[int, list[Hit]]:
    """How many of the newest rows are of these sites, and which of those fit."""
    ((theirs, fitting),) = sql(
        "SELECT count(*), array_agg(ARRAY[id, conversation, position, at] ORDER BY id DESC) FILTER (WHERE words @@ %s::tsquery) "
        "FROM (SELECT * FROM chat_search WHERE id < %s AND id >= %s ORDER BY id DESC LIMIT %s) AS n WHERE site = ANY(%s::bigint[])",
        asked,
        below,
        below - NEWEST,
        NEWEST,
        list(sites),
    )
    return theirs, [Hit(*row) for row in fitting or ()]


def _in_the_index(sql: Sql, asked: str, sites: Sequence[int], least: int, below: int, limit: int) -> list[Hit]:
    # The addition keeps the planner from walking the ids backwards until enough words fit.
    rows = sql(
        "SELECT id, conversation, position, at FROM chat_search WHERE words @@ %s::tsquery AND id >= %s AND id < %s "
        "AND site = ANY(%s::bigint[]) ORDER BY id + 0 DESC LIMIT %s",
        asked,
        least,
        below,
        list(sites),
        limit,
    )
    return [Hit(*row) for row in rows]


def _text(row: Row) -> str:
    return " ".join((*row.words, *(f"{mark}{row.id >> bits}" for mark, bits in WINDOWS)))
