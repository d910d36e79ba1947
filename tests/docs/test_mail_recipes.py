"""The recipes of docs/mail.md for those who have no port 25, with the settings as they stand there, but for hosts and secrets."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.sources import text
from tests.services import Postfix, RunningServer
from tests.services.certificate import Certificate, for_localhost
from tests.services.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.journey


def block(tag: str) -> str:
    """The one block of the page with this mark."""
    (found,) = re.findall(rf"^```{re.escape(tag)}\n(.*?)^```$", text("docs/mail.md"), re.MULTILINE | re.DOTALL)
    return str(found)


def settings_of(tag: str, **changes: str | int) -> dict[str, str | int]:
    """A recipe's settings as a test server takes them. Only what the recipe has can be changed."""
    lines = re.findall(r"^THROUGHLINE_(\w+)=(\"[^\"]*\"|\S*)", block(tag), re.MULTILINE)
    found: dict[str, str | int] = {name.lower(): value.strip('"') for name, value in lines}
    assert set(changes) <= set(found)
    return found | changes


@pytest.fixture
def certificate(services_folder: Path) -> Certificate:
    return for_localhost(services_folder / "recipe-certificate")


@pytest.fixture
def mailbox(postfix: Postfix, services_folder: Path, certificate: Certificate) -> Iterator[Dovecot]:
    """Where the provider's Postfix delivers, one may look by IMAP."""
    server = Dovecot(services_folder / "recipe-dovecot", certificate=(certificate.chain, certificate.key), maildirs=postfix.maildirs)
    yield server
    server.stop()


@pytest.fixture
def postfix(services_folder: Path) -> Iterator[Postfix]:
    server = Postfix(services_folder / "recipe-postfix", gateway_port=9, mailboxes=("support", "bounces"))
    yield server
    server.stop()


def test_a_mailbox_elsewhere_proves_itself_and_mail_becomes_a_case(
    server_factory: Callable[..., RunningServer], postfix: Postfix, mailbox: Dovecot, certificate: Certificate
) -> None:
    server = server_factory(
        **settings_of(
            "sh imap",
            mail_domain="customer.example",
            imap=f"localhost:{mailbox.tls_port}",
            imap_user="support",
            imap_password=PASSWORD,
            relay=f"127.0.0.1:{postfix.port}",
            relay_user="",
            relay_password="",
            relay_tls="none",
        ),
        dns="off",
    )
    server.around = {"SSL_CERT_FILE": str(certificate.chain)}
    server.start()
    _shop(server)
    done = server.run("doctor", "mail", "--seconds", "60")
    lines = done.stdout
    assert "well     mailbox: The mailbox support at localhost" in lines, lines + server.log()[-3000:]
    assert re.search(r"well +in: The mail to support@customer.example came back out of the mailbox by IMAP after [\d.]+ s", lines), lines
    assert "name+tag@customer.example comes back" in lines
    until = time.monotonic() + 20
    while len(mailbox.files("support", "Done")) < 2:
        assert time.monotonic() < until, "What is durable moves to the folder that the recipe names."
        time.sleep(0.1)


def test_a_provider_posts_to_a_running_server(server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory(**settings_of("sh hooks", relay="", relay_user="", relay_password="")).start()
    _shop(server)
    (secret,) = re.findall(r"--user (\S+)", block("sh try"))
    post = json.loads(block("json post"))
    assert _posted(server, "postmark", secret, post) == (200, "Kept as 1.")
    assert _posted(server, "postmark", "throughline:a-guess", post)[0] == 401
    assert _posted(server, "mailgun", secret, post)[0] == 404, "only what is set up listens"
    post["RawEmail"] += "x" * 5_000_000
    assert _posted(server, "postmark", secret, post) == (200, "Kept as 2.")
    post["RawEmail"] += "x" * 33_000_000
    assert _posted(server, "postmark", secret, post)[0] == 413
    assert _cases(server) == 2


def _posted(server: RunningServer, provider: str, secret: str, post: dict[str, object]) -> tuple[int, str]:
    request = urllib.request.Request(f"{server.url}/mail/hooks/{provider}/", json.dumps(post).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Basic " + base64.b64encode(secret.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode(errors="replace")
    except (BrokenPipeError, ConnectionError, urllib.error.URLError):
        return 413, "closed while it was sent"


def _shop(server: RunningServer) -> None:
    _ask(server, "from chat.people.models import Site; Site.objects.create(key='shop', name='Shop', prefix='SH')")


def _cases(server: RunningServer) -> int:
    """How many there are once what came in is read."""
    waiting = "from chat.ledger import received; print(received.count('email', received.WAITING))"
    until = time.monotonic() + 20
    while _ask(server, waiting) != "0":
        assert time.monotonic() < until, server.log()[-3000:]
    return int(_ask(server, "from chat.ledger import read; print(len(list(read.all_conversations())))"))


def _ask(server: RunningServer, words: str) -> str:
    """Run this beside the server, on its database."""
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    command = [sys.executable, "-c", f"import django; django.setup(); {words}"]
    done = subprocess.run(command, cwd=server.root, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().rpartition("\n")[2]
