"""Ways to say statements, whoever holds the connection: Django's of this thread, or a writer in its transaction. Knows no statement."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, TypeVar

from django.db import connection

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


class Sql(Protocol):
    """One statement with `%s` parameters; returns its rows, none if it gives none."""

    def __call__(self, sql: str, *parameters: Any) -> Rows: ...


def ask(sql: str, *parameters: Any) -> Rows:
    """`Sql` on Django's connection of this thread."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


Statement = tuple[str, tuple[Any, ...]]
"""SQL that returns rows, and what goes in for each `%s`."""
Asking = Generator[Statement, Rows | None, T]
"""Statements one after the other; each wants the rows of the one before. One writer waits for them in a thread, one in a loop."""
Steps = Asking[None]
