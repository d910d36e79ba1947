"""An SMTP server that keeps what it is given, for tests about what leaves. It is nobody's gateway and never answers a mail."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.ports import free_port


@dataclass
class Caught:
    """One mail with the envelope it came in."""

    sender: str
    recipients: list[str]
    raw: bytes
    message: EmailMessage


@dataclass
class MailSink:
    """Listens from `start()` to `stop()` in a thread of its own; `refuse` is the SMTP line given instead of 250 when it is set."""

    port: int = field(default_factory=free_port)
    mails: list[Caught] = field(default_factory=list)
    refuse: str = ""

    def start(self) -> MailSink:
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()
        if not listening.wait(10):
            raise RuntimeError(f"The mail sink could not listen on 127.0.0.1:{self.port}.")
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def wait_for(self, count: int = 1, *, seconds: float = 20) -> list[Caught]:
        """The mails once there are `count` of them; fails in a sentence if they do not come."""
        until = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < until, f"{len(self.mails)} of {count} mails came within {seconds:.0f} s."
            time.sleep(0.02)
        return list(self.mails)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # the verb's name on the wire
        if self.refuse:
            return self.refuse
        raw = envelope.content or b""
        assert isinstance(raw, bytes)  # the server was not asked to decode
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
        self.mails.append(Caught(envelope.mail_from or "", list(envelope.rcpt_tos), raw, message))
        return "250 kept"

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        make = partial(SMTP, self, enable_SMTPUTF8=True, hostname="sink.example", loop=self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(make, "127.0.0.1", self.port))
        listening.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()
