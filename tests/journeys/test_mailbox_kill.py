"""kill -9 while a mailbox elsewhere is read, again and again: every mail in it becomes one case, and none becomes two."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mailgateway.mails import mail
from tests.services import RunningServer
from tests.services.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.journey

MAILS, ROUNDS = 60, 3
SHOP = "from chat.people.models import Site; Site.objects.create(key='shop', name='Shop', prefix='SH')"
STATES = """
from chat.ledger.models import Received
print(json.dumps(list(Received.objects.filter(source="email").values_list("state", flat=True))))
"""
TEXTS = """
from chat.ledger import read
from chat.ledger.event import Audience
entries = [entry for cid in read.all_conversations(limit=1000) for entry in read.events(cid, audience=Audience.AGENTS)]
print(json.dumps([entry.values["text"].strip() for entry in entries if entry.kind == "message.said"]))
"""


@pytest.fixture
def dovecot(services_folder: Path) -> Iterator[Dovecot]:
    server = Dovecot(services_folder / "dovecot-kill")
    yield server
    server.stop()


def test_every_mail_becomes_one_case(server_factory: Callable[..., RunningServer], dovecot: Dovecot) -> None:
    texts = [f"Where is parcel {number}?" for number in range(MAILS)]
    place = {"imap": f"127.0.0.1:{dovecot.port}", "imap_tls": "none", "imap_user": "support", "imap_password": PASSWORD}
    server, chance = server_factory(dns="off", **place).start(), random.Random(7)
    _asked(server, SHOP)
    for number, text in enumerate(texts):
        dovecot.put("support", mail(f"{text}\n", Message_ID=f"<{number}@customer.example>", From=f"n{number}@customer.example"))
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.05, 0.6))
        server.kill()
        server.start()
    until = time.monotonic() + 60
    while Counter(_asked(server, STATES)) != {"taken": MAILS}:
        assert time.monotonic() < until, f"{Counter(_asked(server, STATES))}\n{server.log()[-3000:]}"
        time.sleep(0.2)
    assert sorted(_asked(server, TEXTS)) == sorted(texts)


def _asked(server: RunningServer, words: str) -> list[str]:
    """Run this beside the server, on its database."""
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    command = [sys.executable, "-c", f"import json\nimport django\ndjango.setup()\n{words}"]
    done = subprocess.run(command, cwd=server.root, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.strip().rpartition("\n")[2] or "[]"))
