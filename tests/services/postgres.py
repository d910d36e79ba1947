"""A PostgreSQL cluster of its own, with databases copied from a template in a moment. Knows no tables."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from tests.services.ports import Unavailable, free_port, stop, wait_until


class Postgres:
    """`durable=False` (fsync off) is quick and survives a killed server process, not a lost machine; tests that kill say True."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        if not found:
            raise Unavailable("PostgreSQL is missing. Install it with: sudo apt install postgresql")
        self._programs = found[-1].parent
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._durable = durable
        self._numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)
        self._as_user = _become_somebody(folder)
        self.port = free_port()
        init = [
            str(self._programs / "initdb"),
            "-D",
            str(self._data),
            "-U",
            "throughline",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        done = subprocess.run([*self._as_user, *init], capture_output=True, cwd="/")
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr.decode(errors='replace')}")
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgres://throughline@127.0.0.1:{self.port}/{database}"

    def create_database(self, *, template: str = "template0") -> str:
        """Makes a database (a copy of `template`, to which nobody may be connected) and gives its URL."""
        name = f"t_{next(self._numbers)}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def start(self) -> None:
        sync = "on" if self._durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 60,
            "shared_buffers": "32MB",
        }
        settings |= {"fsync": sync, "synchronous_commit": sync, "full_page_writes": sync, "jit": "off", "log_checkpoints": "off"}
        command = [*self._as_user, str(self._programs / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
        wait_until(self._answers, process=self._process, log=self._log, seconds=30)

    def stop(self) -> None:
        """The fast shutdown: connections are cut, what was committed is on disk."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        stop(self._process)

    def kill(self) -> None:
        """kill -9 of the server and of every process it has; `start()` recovers as after a crash."""
        self._process.kill()
        self._process.wait()
        # Backends notice the death by themselves; until the last has gone the shared memory is in use and a start is refused.
        wait_until(lambda: not _lives_with(str(self._data)), seconds=10)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _say(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


def _become_somebody(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user its package made, who must be able to reach the folder."""
    if os.getuid() != 0:
        return []
    try:
        owner = pwd.getpwnam("postgres")
    except KeyError:
        raise Unavailable("There is no user called postgres. Install it with: sudo apt install postgresql") from None
    shutil.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--"]


def _lives_with(data: str) -> bool:
    return any(data in _status(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _status(entry: Path) -> str:
    try:
        return os.readlink(entry / "cwd")
    except OSError:
        return ""
