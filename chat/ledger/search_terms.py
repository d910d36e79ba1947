"""What both engines' indexes of words have in common: rows, hits, and the marks that stand among the words. Knows no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Terms = Sequence[Sequence[str]]
"""What must stand in an event: one word of each inner list."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as the index keeps it. `words` holds the marks too."""

    id: int
    conversation: int
    position: int
    site: int
    at: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An event that holds what was asked for. `id` rises with time; `at` in microseconds since 1970."""

    id: int
    conversation: int
    position: int
    at: int


def site_mark(site: int) -> str:
    """Stands in every row of a site, as a word that nobody can type."""
    return f"@{site}"


def who_mark(word: str) -> str:
    """Stands beside a word that says who the customer is."""
    return f"~{word}"


def expression(terms: Terms, *, all_of: str, one_of: str, quote: str) -> str:
    """The question in an engine's language. Words hold letters, digits and our marks alone, so nothing needs escaping."""
    return all_of.join(f"({one_of.join(f'{quote}{word}{quote}' for word in words)})" for words in terms)


def marked(words: Iterable[str], people: Iterable[str], site: int) -> tuple[str, ...]:
    """The words of an event with its marks."""
    return (*sorted(words), *sorted(map(who_mark, people)), site_mark(site))
