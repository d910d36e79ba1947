"""Finding conversations by what was said, newest first: words of an event, the last of which may be only begun. Never ranks.

Knows the index of words, and nothing of who may search: the caller names the sites.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from chat.ledger import words
from chat.ledger.search_index import engine
from chat.ledger.search_terms import Hit, who_mark
from chat.ledger.sql import ask

AT_ONCE = 30
"""Events fetched at first. Several events of one conversation are one find, so there may have to be more."""
TRIES = 5
"""Fetches for one page, each of twice as many events as the one before."""
COMPLETED = 16
"""Words that the beginning of a word may stand for: the shortest that begin so."""
LOOKED_AT = 2_000
"""Words with that beginning from which they are chosen."""
BEGINNING = 2
"""Characters from which on the last word may be a beginning."""


@dataclass(frozen=True, slots=True)
class Finds:
    """Conversations with the newest event that fits, each once, and where the older ones begin (None: there are none)."""

    hits: list[Hit]
    older: int | None


NOTHING = Finds([], None)


def search(text: str, *, sites: Sequence[int], who_only: bool = False, below: int | None = None, limit: int = 20) -> Finds:
    """Conversations of these sites in which one event holds all the words; `below` is the `older` of the page before.

    With `who_only` only what says who the customer is: names, addresses, numbers.
    """
    terms = _terms(words.question(text))
    if not terms or not sites:
        return NOTHING
    if who_only:
        terms = [[who_mark(word) for word in one] for one in terms]
    edge = below if below is not None else _end()
    found: dict[int, Hit] = {}
    for doubled in range(TRIES):
        asked = AT_ONCE << doubled
        page = engine().newest(ask, terms, sites=sites, below=edge, limit=asked)
        for hit in page:
            if hit.conversation not in found and len(found) == limit:
                return Finds(list(found.values()), edge)
            found.setdefault(hit.conversation, hit)
            edge = hit.id
        if len(page) < asked:
            return Finds(list(found.values()), None)
    return Finds(list(found.values()), edge)


def _terms(asked: words.Question) -> list[list[str]]:
    terms = [[word] for word in asked.words]
    if asked.begins:
        terms.append(sorted({asked.begins, *_completions(asked.begins)}))
    return terms


def _completions(begins: str) -> list[str]:
    if len(begins) < BEGINNING and begins.isascii():
        return []
    rows = ask(
        "SELECT word FROM (SELECT word FROM chat_word WHERE word > %s AND word < %s ORDER BY word LIMIT %s) AS near "
        "ORDER BY length(word), word LIMIT %s",
        begins,
        begins + chr(sys.maxunicode),
        LOOKED_AT,
        COMPLETED,
    )
    return [word for (word,) in rows]


def _end() -> int:
    ((last,),) = ask("SELECT coalesce(max(id), 0) FROM chat_search")
    return int(last) + 1
