"""The dialogue as real programs hold it: swaks with and without TLS, and a client that never ends its line."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.shop import Shop
from tests.services import RunningServer, certificate
from tests.services.ports import program

pytestmark = pytest.mark.journey

NADIA, US = "nadia@customer.example", "support@support.example"
MEGA = 1024 * 1024


def test_swaks_finds_every_part_of_the_dialogue_as_it_should_be(server_factory: Callable[..., RunningServer], tmp_path: Path) -> None:
    tls = certificate.for_localhost(tmp_path / "tls")
    server = server_factory(smtp_certificate=tls.chain, smtp_key=tls.key, mail_max=2 * MEGA, lmtp=tmp_path / "lmtp").start()
    Shop(server)
    code, said = _swaks(server.smtp_port, "--tls", "--tls-verify", "--tls-ca-path", str(tls.chain))
    assert code == 0, said
    assert "TLS started with cipher" in said
    assert re.search(r"<~  250 2\.0\.0 Kept as \d+", said)
    for wanted, code, arguments in (
        ("550 5.1.1", 24, ("--to", "nobody@support.example")),
        ("550 5.7.1", 24, ("--to", "somebody@elsewhere.example")),
        ("250 2.0.0 Kept", 0, ("--from", "<>")),
        ("250 2.0.0 Kept", 0, ("--pipeline",)),
        ("250 2.0.0 Kept", 0, ("--to", "support+abcdefgh.altered@support.example")),
        ("250 2.0.0 Kept", 0, ("--protocol", "SMTP")),
        ("552 5.3.4", 26, ("--body", _file(tmp_path / "large", "A long story. Once upon a time.\n" * 80_000))),
        ("250 2.0.0 Kept", 0, ("--body", _file(tmp_path / "long", "x" * 100_000))),
    ):
        got, said = _swaks(server.smtp_port, *arguments)
        assert (got, wanted in said) == (code, True), said[-2000:]
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(tmp_path / "lmtp"))
        assert line.recv(100) == b"220 support.example LMTP Throughline\r\n"
    assert _grown_by_endless_lines(server) < 40 * MEGA
    assert _swaks(server.smtp_port)[0] == 0


def _swaks(port: int, *arguments: str) -> tuple[int, str]:
    command = [program("swaks", "swaks"), "--server", f"localhost:{port}", "--from", NADIA, "--to", US, "--helo", "x.example"]
    done = subprocess.run([*command, "--timeout", "20s", *arguments], capture_output=True, text=True, timeout=60, errors="replace")
    return done.returncode, done.stdout + done.stderr


def _file(path: Path, content: str) -> str:
    """Written, as swaks is told of a file."""
    path.write_text(content)
    return f"@{path}"


def _grown_by_endless_lines(server: RunningServer) -> int:
    """Octets by which the server's memory grew at most while somebody sent, or tried to send, 200 MB without a line end."""
    before = _peak(server)
    for verbs in (b"EHLO x\r\nMAIL FROM:<nadia@customer.example>\r\nRCPT TO:<support@support.example>\r\nDATA\r\n", b""):
        with socket.create_connection(("127.0.0.1", server.smtp_port), timeout=20) as line, suppress(ConnectionError):
            line.sendall(verbs)
            for _ in range(200):
                line.sendall(b"x" * MEGA)
            assert b"\r\n421 4.7.0 " in line.makefile("rb").read()
    return _peak(server) - before


def _peak(server: RunningServer) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024
