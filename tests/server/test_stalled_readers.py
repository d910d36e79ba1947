"""Who stops reading, under both web servers: what is offered waits at its source, and a line ends with its reason."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.load import frames
from benchmarks.sockets import resident
from tests.services import free_port
from tests.services.ports import stop, wait_for_port
from tests.services.product import ROOT

MOST = 12 * 1024
"""KB by which a process may grow that has 200 MB to offer; the benchmark holds it to less."""


@pytest.fixture(params=["daphne", "uvicorn"])
async def offering(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[int, int]]:
    """Port and process of a server that offers 200 MB to everybody."""
    port = free_port()
    rest = {name: value for name, value in os.environ.items() if not name.startswith("THROUGHLINE_")}
    settings = {"MODE": "test", "DATA": str(tmp_path), "PORT": str(port), "SERVER": request.param}
    env = rest | {f"THROUGHLINE_{name}": value for name, value in settings.items()}
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.offering"], cwd=ROOT, env=env, stdout=output, stderr=output)
    await asyncio.to_thread(wait_for_port, port, process=process, log=log, seconds=60)
    await asyncio.to_thread(_come_and_go, port)
    yield port, process.pid
    assert await asyncio.to_thread(stop, process, seconds=20) == 0
    assert "Traceback" not in log.read_text()


async def test_a_socket_that_is_not_read_is_closed_to_resume_and_then_cut(offering: tuple[int, int]) -> None:
    port, pid = offering
    before = resident(pid)
    line, rest = await asyncio.to_thread(frames.connect, port, "/live")
    await asyncio.sleep(2)
    assert resident(pid) - before < MOST
    line.settimeout(20)
    assert b"resume" in await asyncio.to_thread(_all_of, line, bytearray(rest))


async def test_a_download_that_is_not_read_is_made_no_further(offering: tuple[int, int]) -> None:
    port, pid = offering
    before = resident(pid)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await asyncio.sleep(2)
        assert resident(pid) - before < MOST
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert await asyncio.to_thread(_length_of, line) > 200 * 1024 * 1024
    assert resident(pid) - before < MOST


def _come_and_go(port: int) -> None:
    """The port listens before anybody answers there; and the first one pays for what all share."""
    frames.connect(port, "/live")[0].close()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"GET /download HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        line.recv(1000)


def _all_of(line: socket.socket, heard: bytearray) -> bytes:
    """What is left in the line, until it ends."""
    last = b""
    while chunk := line.recv(1 << 20):
        heard += chunk
        for opcode, payload in frames.scan(heard):
            last = payload if opcode == frames.CLOSE else last
        if last:
            break
    line.close()
    return last


def _length_of(line: socket.socket) -> int:
    length = 0
    while chunk := line.recv(1 << 20):
        length += len(chunk)
    return length
