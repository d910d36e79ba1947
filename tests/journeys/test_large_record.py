"""A full record with large files reaches a slow reader whole, and the server holds none of it in memory: under each web server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat.transcripts import verifier
from tests.services import RunningServer
from tests.services.product import ROOT

pytestmark = pytest.mark.journey

MEGABYTES = int(os.environ.get("THROUGHLINE_TEST_RECORD_MB", "200"))
ROOM = 60
"""Megabytes that the server may grow by."""
ADDRESS = "/api/v1/conversation/transcripts/full-record"


def _with_files(server: RunningServer) -> str:
    """The server's store gets the case; gives what opens it."""
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    command = [sys.executable, "-m", "tests.journeys.large_case", str(MEGABYTES)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return f"Bearer {done.stdout.split()[-1]}"


def _held(server: RunningServer) -> int:
    """Megabytes that the process holds now, and held at most: the latter."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) // 1024  # type: ignore[index]  # it stands there on every Linux


def _asked(server: RunningServer, address: str, *, method: str = "GET", **headers: str) -> Any:
    request = urllib.request.Request(server.url + address, method=method, headers={n.replace("_", "-"): v for n, v in headers.items()})
    return urllib.request.urlopen(request, timeout=120)


def _slowly(answer: Any, file: Path) -> None:
    """Takes 4 MB in small sips, then the rest as fast as it comes."""
    taken = 0
    with answer, file.open("ab") as out:
        while piece := answer.read(64 * 1024):
            taken += out.write(piece)
            time.sleep(0.02 if taken < 4 * 1024 * 1024 else 0)


@pytest.mark.parametrize("web", ["daphne", "uvicorn"])
def test_a_slow_reader_gets_it_whole(server_factory: Callable[..., RunningServer], web: str, tmp_path: Path) -> None:
    server = server_factory(server=web)
    link = _with_files(server)
    server.start()
    with _asked(server, ADDRESS.replace("full-record", "text"), Authorization=link) as light:
        light.read()
    before, file = _held(server), tmp_path / "record.zip"
    _slowly(_asked(server, ADDRESS, Authorization=link), file)
    assert file.stat().st_size > MEGABYTES * 1024 * 1024
    assert _held(server) - before < ROOM
    assert zipfile.ZipFile(file).testzip() is None


def test_a_download_that_breaks_off_goes_on_and_its_signature_holds(server_factory: Callable[..., RunningServer], tmp_path: Path) -> None:
    server = server_factory()
    link = _with_files(server)
    server.start()
    with _asked(server, ADDRESS, method="POST", Authorization=link) as answer:
        told = json.load(answer)
    before, seen = _held(server), _looked_on(server, told["state"])
    assert seen == sorted(seen)
    file = tmp_path / "record.zip"
    with _asked(server, told["download"], Range="bytes=0-99999") as first:
        file.write_bytes(first.read())
    rest = _asked(server, told["download"], Range="bytes=100000-", If_Range=first.headers["ETag"])
    assert (first.status, rest.status) == (206, 206)
    _slowly(rest, file)
    with _asked(server, told["signature"]) as note:
        (tmp_path / "record.zip.sig").write_bytes(note.read())
    assert _held(server) - before < ROOM
    assert verifier.main([str(file)]) == 0


def _looked_on(server: RunningServer, address: str) -> list[int]:
    """Octets written, as the page would show them again and again, until it is ready."""
    seen: list[int] = []
    until = time.monotonic() + 240
    while time.monotonic() < until:
        with _asked(server, address, Accept="application/json") as answer:
            told = json.load(answer)
        seen.append(told["done"])
        if told["state"] == "ready":
            return seen
        assert told["state"] in ("waiting", "writing"), told
        time.sleep(0.1)
    raise AssertionError(f"It was not ready in time: {seen[-5:]}")
