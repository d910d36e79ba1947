"""The dialogue as real programs hold it: swaks with and without TLS, a client that never ends its line, a front server that speaks LMTP,
and a proxy that tells whom it speaks for.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.journeys.shop import Shop
from tests.services import Postfix, RunningServer, certificate, free_port
from tests.services.nginx import Nginx
from tests.services.ports import program
from tests.services.product import ROOT

pytestmark = pytest.mark.journey

NADIA, US = "nadia@customer.example", "support@support.example"
MEGA = 1024 * 1024
FOUND = """
import json, django
django.setup()
from chat.ledger import received
found = [received.listed("email", state) for state in ("waiting", "taken")]
print(json.dumps([dict(row.envelope) for rows in found for row in rows]))
"""


def test_swaks_finds_every_part_of_the_dialogue_as_it_should_be(server_factory: Callable[..., RunningServer], tmp_path: Path) -> None:
    tls = certificate.for_localhost(tmp_path / "tls")
    server = server_factory(smtp_certificate=tls.chain, smtp_key=tls.key, mail_max=2 * MEGA).start()
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
    assert _grown_by_endless_lines(server) < 40 * MEGA
    assert _swaks(server.smtp_port)[0] == 0


def test_a_front_server_hands_in_by_lmtp_and_a_proxy_tells_whom_it_speaks_for(
    server_factory: Callable[..., RunningServer], services_folder: Path
) -> None:
    path, front_port = services_folder / "lmtp", free_port()
    server = server_factory(lmtp=path, mail_proxies="127.0.0.1/32").start()
    Shop(server)
    with ExitStack() as stack:
        postfix = Postfix(services_folder / "front", door=f"lmtp:unix:{path}")
        stack.callback(postfix.stop)
        stream = f"stream {{ server {{ listen 127.0.0.1:{front_port}; proxy_pass 127.0.0.1:{server.smtp_port}; proxy_protocol on; }} }}"
        nginx = Nginx(services_folder / "nginx", http="", main=stream, ports=[front_port])
        stack.callback(nginx.stop)
        assert _swaks(postfix.port, "--to", f"{US},nobody@support.example")[0] == 0
        (bounce,) = postfix.wait_for_mail("nadia")
        assert "550 5.1.1" in str(bounce), "one recipient of two was refused, and the other taken"
        assert _swaks(front_port, "--local-interface", "127.0.0.2")[0] == 0
        assert _answer_without_a_proxy(server) == b"", "nobody comes in beside the proxy"
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    done = subprocess.run([sys.executable, "-c", FOUND], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    by_lmtp, by_proxy = sorted(json.loads(done.stdout.splitlines()[-1]), key=lambda envelope: envelope.get("door", "smtp"))
    assert (by_lmtp["door"], by_lmtp["trusted"], by_lmtp["recipients"]) == ("lmtp", True, [US])
    assert by_proxy["peer"] == "127.0.0.2"


def _swaks(port: int, *arguments: str) -> tuple[int, str]:
    command = [program("swaks", "swaks"), "--server", f"localhost:{port}", "--from", NADIA, "--to", US, "--helo", "x.example"]
    done = subprocess.run([*command, "--timeout", "20s", *arguments], capture_output=True, text=True, timeout=60, errors="replace")
    return done.returncode, done.stdout + done.stderr


def _answer_without_a_proxy(server: RunningServer) -> bytes:
    with socket.create_connection(("127.0.0.1", server.smtp_port), timeout=20) as line:
        line.sendall(b"EHLO x.example\r\n")
        return line.recv(100)


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
