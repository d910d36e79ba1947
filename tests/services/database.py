"""A fresh migrated database for each test of this process: a file copy on SQLite, a template database on PostgreSQL. Knows no table."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from tests.services.postgres import Postgres

_opened: set[BaseDatabaseWrapper] = set()


@receiver(connection_created)
def _remember(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _opened.add(connection)


class Databases:
    """`postgres` is the cluster to make them in; without one they are files in `folder`."""

    def __init__(self, folder: Path, *, postgres: Postgres | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._postgres = folder, postgres
        self._numbers = itertools.count(1)
        self._template = ""
        self.file_name = Path(connections.settings["default"]["NAME"]).name
        """What the product calls its SQLite file."""

    def fresh(self) -> str:
        """Point this process at a new migrated database; gives its NAME."""
        name = self._copy(self.template())
        _point_at(name)
        return name

    def template(self) -> str:
        """The NAME of the migrated database of which the others are copies; nobody is connected to it."""
        if not self._template:
            empty = self._postgres.create_database().rsplit("/", 1)[1] if self._postgres else str(self._folder / "template.sqlite3")
            before = connections.settings["default"]["NAME"]
            _point_at(empty)
            call_command("migrate", verbosity=0, interactive=False)
            _point_at(before)
            self._template = empty
        return self._template

    def drop(self, name: str) -> None:
        """Take the database away again. Writers of the product must have been stopped before."""
        _close_all()
        if self._postgres:
            self._postgres.drop_database(self._postgres.url(name))
            return
        for ending in ("", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)

    def _copy(self, template: str) -> str:
        if self._postgres:
            return self._postgres.create_database(template=template).rsplit("/", 1)[1]
        name = str(self._folder / f"test-{next(self._numbers)}.sqlite3")
        shutil.copyfile(template, name)
        return name


def _point_at(name: str) -> None:
    _close_all()
    # Every thread's connection object reads this one dict, so that threads which connect later meet the new database too.
    connections.settings["default"]["NAME"] = name


def _close_all() -> None:
    """Connections of all threads: a pool thread that kept one would go on reading the database of the test before."""
    while _opened:
        connection = _opened.pop()
        connection.inc_thread_sharing()
        connection.close()
        connection.dec_thread_sharing()
        close_pool = getattr(connection, "close_pool", None)
        if connection.settings_dict.get("OPTIONS", {}).get("pool") and close_pool:
            close_pool()
