"""Django's SQLite backend with write transactions that wait in the writer's fair line. Named in DATABASES by this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from chat.ledger.sqlite.turn import turn

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """`atomic()` takes its turn at BEGIN and gives it back at COMMIT, ROLLBACK or close."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._my_turn = False
        self.execute_wrappers.append(self._in_line)

    def _in_line(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        # A statement outside atomic() is a transaction too; without a turn SQLite's lottery may deny it until it gives up.
        if self._my_turn or self.in_atomic_block or not sql.lstrip()[:7].upper().startswith(_WRITES):
            return execute(sql, parameters, many, context)
        with turn:
            return execute(sql, parameters, many, context)

    def _start_transaction_under_autocommit(self) -> None:
        turn.acquire()
        self._my_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # django-stubs leaves this method out
        except BaseException:
            self._give_back()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # django-stubs leaves this method out
        finally:
            # A failed COMMIT is followed by a rollback, which needs no turn of its own.
            self._give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # as above
        finally:
            self._give_back()

    def close(self) -> None:
        try:
            super().close()
        finally:
            # Also inside atomic(): the file is closed, so SQLite has rolled back, and Django will call nothing more.
            self._give_back()

    def _give_back(self) -> None:
        if self._my_turn:
            self._my_turn = False
            turn.release()
