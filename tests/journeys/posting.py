"""Mail servers that send mail after mail to a server in trouble, and again what was not answered with 250; and what came of it all."""

from __future__ import annotations

import itertools
import json
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from tests.services import RunningServer
from tests.services.product import ROOT

TEXTS = """
import json
import django
django.setup()
from chat.ledger import read, received
from chat.ledger.event import Audience
found = [
    entry.values["subject"]
    for cid in read.all_conversations(limit=10_000)
    for entry in read.events(cid, audience=Audience.AGENTS)
    if entry.kind == "message.said" and entry.actor.startswith("customer:")
]
print(json.dumps([[received.count("email", state) for state in (received.WAITING, received.QUARANTINED)], found]))
"""
LARGE = "A long story about a lamp that came with a dent.\n" * 4000
"""More than waits in memory."""


class Poster(threading.Thread):
    """One mail server. Every third mail is large; of every fifth the answer is lost on its way, and it sends that mail again."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(name=name, daemon=True)
        self.kept: list[str] = []
        self.answers: Counter[int] = Counter()
        self._port = port
        self._over = threading.Event()

    def run(self) -> None:
        for number in itertools.count(1):
            subject = f"{self.name} {number}"
            lost = number % 5 == 0
            while not self._sent(subject, large=number % 3 == 0, lost=lost):
                lost = False
                if self._over.wait(0.05):
                    return
            self.kept.append(subject)

    def end(self) -> None:
        self._over.set()
        self.join(60)
        assert not self.is_alive()

    def _sent(self, subject: str, *, large: bool, lost: bool) -> bool:
        if self._over.is_set():
            return False
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{self.name}@customer.example", "support@support.example", subject
        mail["Message-ID"] = f"<{subject.replace(' ', '-')}@customer.example>"
        mail.set_content(LARGE if large else subject)
        try:
            with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as line:
                if lost:
                    line.mail(mail["From"]), line.rcpt(mail["To"]), line.docmd("DATA")
                    line.send(mail.as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
                    time.sleep(0.05)
                    line.sock.close()  # type: ignore[union-attr]  # it is connected
                    return False
                line.send_message(mail)
        except smtplib.SMTPResponseException as refusal:
            self.answers[refusal.smtp_code] += 1
            return False
        except (OSError, smtplib.SMTPException) as problem:
            refused = problem.recipients if isinstance(problem, smtplib.SMTPRecipientsRefused) else {}
            self.answers.update(code for code, _ in refused.values())
            return False
        self.answers[250] += 1
        return True


@contextmanager
def posting(port: int, *, senders: int = 3) -> Iterator[list[Poster]]:
    """So many mail servers at work; afterwards they have ended."""
    posters = [Poster(f"sender{number}", port) for number in range(senders)]
    for poster in posters:
        poster.start()
    try:
        yield posters
    finally:
        for poster in posters:
            poster.end()


def wait_for(posters: list[Poster], *, more: int, seconds: float = 60) -> None:
    """Until each has had so many more of its mails taken."""
    goals = [len(poster.kept) + more for poster in posters]
    until = time.monotonic() + seconds
    while any(len(poster.kept) < goal for poster, goal in zip(posters, goals, strict=True)):
        assert time.monotonic() < until, f"{[(poster.name, len(poster.kept), poster.answers) for poster in posters]}"
        time.sleep(0.05)


def assert_kept_once(server: RunningServer, posters: list[Poster], *, seconds: float = 90) -> None:
    """Every mail that was answered with 250 is in one conversation, once; and nothing at all is there twice or set aside."""
    environment = server.environment() | {"DJANGO_SETTINGS_MODULE": "server.settings"}
    until = time.monotonic() + seconds
    while True:
        done = subprocess.run([sys.executable, "-c", TEXTS], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        (waiting, quarantined), found = json.loads(done.stdout.splitlines()[-1])
        if not waiting:
            break
        assert time.monotonic() < until, f"{waiting} mails wait.\n{server.log()[-3000:]}"
        time.sleep(0.5)
    texts = Counter(found)
    assert quarantined == 0
    assert [subject for poster in posters for subject in poster.kept if texts[subject] != 1] == []
    assert [subject for subject, count in texts.items() if count > 1] == []
