"""The product with its store off: lines are decided, folded, sealed, acknowledged and delivered, and never written.

Whatever is no line (an opening put on record while everybody joins) is written as always, so that readers begin with what is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chat.events.talk import MessageSaid
from chat.ledger import writer_postgres, writer_sqlite
from chat.ledger.optimistic import OptimisticWriter

if TYPE_CHECKING:
    from chat.ledger.batch import Head, Rows


def take_over() -> None:
    """Before the first append of this process."""
    for engine, name in ((writer_sqlite, "SqliteWriter"), (writer_postgres, "PostgresWriter")):
        setattr(engine, name, type("Storeless", (_WritesNoLine, getattr(engine, name)), {}))


class _WritesNoLine(OptimisticWriter):
    async def _write_if_unmoved(self, rows: Rows, after: Mapping[int, Head], before: Mapping[int, Head]) -> bool:
        if any(event.kind != MessageSaid.name for event in rows.events):
            return await super()._write_if_unmoved(rows, after, before)  # type: ignore[safe-super]  # the engine's own comes behind this class
        return True
