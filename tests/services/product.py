"""Throughline itself as a real process with a data folder of its own, to be asked, stopped and killed.

Knows the command line and /health, and nothing else of the product.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.services.ports import free_port, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]


class RunningServer:
    """`throughline up` on free ports. `settings` are environment variables without their THROUGHLINE_ in front, in lower case.

    The data folder outlives `stop()` and `kill()`: `start()` begins again with what is in it, on the same ports.
    """

    def __init__(self, folder: Path, *, command: str = "up", **settings: str | int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.command = folder, command
        self.root = ROOT
        """The tree whose code runs; a test may name a copy before it starts the server."""
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "server.log"
        defaults: dict[str, str | int] = {
            "data": str(folder / "data"),
            "mode": "test",
            "demo": 0,
            "host": "127.0.0.1",
            "port": self.port,
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp_port,
            "public_url": self.url,
            "mail_domain": "support.example",
            "database": "",
            "redis": "",
            "relay": "",
            "dns": "off",
            # Long enough to be seen, short enough for tests that have something else in mind.
            "undo": 1,
        }
        self.settings = defaults | settings
        self.around: dict[str, str] = {}
        """Further environment variables, say of a clock that runs ahead."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "The server is not running."
        return self._process.pid

    def begin_with(self, database: str, *, name: str) -> None:
        """Put a migrated SQLite file into the data folder, which saves a fresh server its migrations."""
        data = Path(str(self.settings["data"]))
        data.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(database, data / name)

    def start(self, *, seconds: float = 60) -> RunningServer:
        """Starts it and returns once /health answers 200; fails with the end of its log."""
        self._begin()
        wait_until(self.healthy, process=self._process, log=self.log_file, seconds=seconds)
        return self

    def start_role(self, *, seconds: float = 60) -> RunningServer:
        """The same for a role without pages: returns once it says that it is ready."""
        self._begin()
        wait_until(lambda: '"ready"' in self.log(), process=self._process, log=self.log_file, seconds=seconds)
        return self

    def run(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """`throughline ARGUMENTS` with this server's settings."""
        command = [sys.executable, "-m", "server", *arguments]
        return subprocess.run(command, cwd=self.root, env=self.environment(), capture_output=True, text=True, timeout=seconds)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, *, seconds: float = 20) -> int:
        """SIGTERM, as a machine does that shuts down; gives the return code."""
        if self._process is None:
            return 0
        code = stop(self._process, seconds=seconds)
        self._end_group()
        self._process = None
        return code

    def kill(self) -> None:
        """kill -9 of the server and of its subprocesses, without a word."""
        assert self._process is not None, "The server is not running."
        self._end_group()
        self._process.wait()
        self._process = None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def environment(self) -> dict[str, str]:
        ours = {f"THROUGHLINE_{name.upper()}": str(value) for name, value in self.settings.items()}
        rest = {name: value for name, value in os.environ.items() if not name.startswith("THROUGHLINE_")}
        return rest | ours | {"PYTHONUNBUFFERED": "1"} | self.around

    def _begin(self) -> None:
        with self.log_file.open("ab") as output:
            # A session of its own, so that kill() reaches the subprocesses too.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", self.command],
                cwd=self.root,
                env=self.environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _end_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
