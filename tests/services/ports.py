"""Free ports, waiting for a server to answer, and stopping what was started. Knows no particular server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_given: set[int] = set()


class Unavailable(RuntimeError):
    """A server cannot be started here; the sentence says what to do about it."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now and which this process has not given away before.

    Ports come from below the range the kernel uses for outgoing connections, so that none is taken between asking and listening;
    every test process begins at a place of its own.
    """
    begin = 10_000 + (os.getpid() * 97) % 20_000
    for step in range(20_000):
        port = 10_000 + (begin - 10_000 + step) % 20_000
        if port in _given:
            continue
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise Unavailable("No port between 10000 and 30000 is free on 127.0.0.1.")


def wait_until(
    ready: Callable[[], bool], *, process: subprocess.Popen[bytes] | None = None, log: Path | None = None, seconds: float = 20
) -> None:
    """Returns once `ready()` holds; raises with the end of the log if the process ends before or the time is over."""
    until = time.monotonic() + seconds
    while not ready():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > until:
            tail = log.read_text(errors="replace")[-4000:] if log and log.exists() else ""
            why = f"ended with {process.returncode}" if ended and process else f"was not ready within {seconds:.0f} s"
            raise Unavailable(f"The server {why}.\n{tail}")
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_for_port(port: int, *, process: subprocess.Popen[bytes] | None = None, log: Path | None = None, seconds: float = 20) -> None:
    wait_until(lambda: answers(port), process=process, log=log, seconds=seconds)


def program(name: str, package: str) -> str:
    """The path of a program, or `Unavailable` naming the Debian package that brings it."""
    path = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if path is None:
        raise Unavailable(f"{name} is missing. Install it with: sudo apt install {package}")
    return path


def stop(process: subprocess.Popen[bytes], *, seconds: float = 10) -> int:
    """Asks the process to end (SIGTERM), insists after `seconds`, and gives its return code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
