"""A Redis server that keeps nothing on disk. Knows nothing about what is published in it."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.services.ports import free_port, program, stop, wait_for_port


class Redis:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Starts it, or starts it again: empty, on the same port."""
        log = self._folder / "redis.log"
        command = [program("redis-server", "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command += ["--save", "", "--appendonly", "no"]
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output)
        wait_for_port(self.port, process=self._process, log=log)

    def kill(self) -> None:
        """As if the machine had lost its power."""
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """Connections stay open and nobody answers, until `go_on()`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        stop(self._process)
