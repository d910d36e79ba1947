"""Starts and stops the servers that are measured. Knows their names and ports, not what they do."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.figures import Plan
from benchmarks.places import ROOT
from tests.services.ports import answers, free_port, stop, wait_until


class Store:
    """A data folder and a database with a shop in it: `members` are its customers and agents. Copied for each server that uses it."""

    def __init__(self, plan: Plan, *, customers: int, conversations: int, postgres: bool = False) -> None:
        self.folder = plan.folder / f"store-{secrets.token_hex(4)}"
        self.folder.mkdir(parents=True)
        self._server = plan.postgres if postgres else ""
        self.database = _create(self._server) if postgres else ""
        shape = {"BENCH_CUSTOMERS": str(customers), "BENCH_CONVERSATIONS": str(conversations)}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.servers", "prepare"],
            cwd=ROOT,
            env=environment(self.folder, self.database) | shape,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            raise RuntimeError(f"The store could not be prepared:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        self.members: list[dict[str, Any]] = json.loads((self.folder / "cast.json").read_text())

    def copy(self) -> tuple[Path, str]:
        """A folder and a database URL of one's own."""
        folder = self.folder.with_name(f"data-{secrets.token_hex(4)}")
        shutil.copytree(self.folder, folder)
        return folder, _create(self._server, template=self.database.rsplit("/", 1)[1]) if self.database else ""

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.database:
            drop(self.database)


class Server:
    """`python -m benchmarks.servers WHAT`, on a copy of a store or on an empty data folder, until `stop()`."""

    def __init__(
        self,
        plan: Plan,
        what: str,
        *,
        store: Store | None = None,
        web: str = "daphne",
        place: tuple[Path, str] | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.what = what
        self._own = place is None
        self.folder, self.database = place or (store.copy() if store else (plan.folder / f"data-{secrets.token_hex(4)}", ""))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.smtp_port = free_port(), free_port()
        self.log = self.folder / f"server-{self.port}.log"
        env = environment(self.folder, self.database) | {
            "THROUGHLINE_PORT": str(self.port),
            "THROUGHLINE_SMTP_PORT": str(self.smtp_port),
            "THROUGHLINE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            **({} if web == "daphne" else {"THROUGHLINE_SERVER": web}),
            **settings,
        }
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.servers", what], cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
            )
        ready = self._healthy if what in ("chat", "all", "storeless") else lambda: answers(self.port)
        try:
            wait_until(ready, process=self.process, log=self.log, seconds=60)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        parts = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        stop(self.process, seconds=20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.database:
                drop(self.database)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def environment(folder: Path, database: str) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if not name.startswith("THROUGHLINE_")}
    return rest | {
        "THROUGHLINE_MODE": "test",
        "THROUGHLINE_DATA": str(folder),
        "THROUGHLINE_DATABASE": database,
        "THROUGHLINE_LOG": "warning",
        "THROUGHLINE_HOST": "127.0.0.1",
        "THROUGHLINE_MAIL_DOMAIN": "bench.example",
        "THROUGHLINE_SMTP_HOST": "127.0.0.1",
    }


def _create(server: str, *, template: str = "template0") -> str:
    name = f"bench_{secrets.token_hex(4)}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def drop(database: str) -> None:
    parts = urlsplit(database)
    with closing(psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{parts.path[1:]}" WITH (FORCE)'.encode())
