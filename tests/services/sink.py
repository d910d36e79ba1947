"""An SMTP server that keeps what it is given, for tests about what leaves. It is nobody's gateway and never answers a mail."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.certificate import Certificate
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
    refuse_to: dict[str, str] = field(default_factory=dict)
    """Domain of a recipient to the SMTP line that is given instead of 250."""
    slow: str = ""
    """Recipients of this domain get no answer to their mail until `go_on` is set."""
    go_on: threading.Event = field(default_factory=threading.Event)
    mute: bool = False
    """Mails are kept, but nobody hears of it until `go_on` is set."""
    certificate: Certificate | None = None
    implicit: bool = False
    """TLS from the first octet; otherwise by STARTTLS."""
    login: tuple[str, str] | None = None
    """Name and password without which nothing is taken."""
    utf8: bool = True
    visits: int = 0
    """Connections so far."""
    _open: list[SMTP] = field(default_factory=list)

    def start(self) -> MailSink:
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self._thread.start()
        if not listening.wait(10):
            raise RuntimeError(f"The mail sink could not listen on 127.0.0.1:{self.port}.")
        return self

    def stop(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def wait_for(self, count: int = 1, *, seconds: float = 20) -> list[Caught]:
        """The mails once there are `count` of them; fails in a sentence if they do not come."""
        until = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < until, f"{len(self.mails)} of {count} mails came within {seconds:.0f} s."
            time.sleep(0.02)
        return list(self.mails)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        refusal = self.refuse_to.get(address.rpartition("@")[2])
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # the verb's name on the wire
        if self.refuse:
            return self.refuse
        if self.slow and envelope.rcpt_tos[0].endswith(f"@{self.slow}"):
            await asyncio.to_thread(self.go_on.wait, 20)
        raw = envelope.content or b""
        assert isinstance(raw, bytes)  # the server was not asked to decode
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
        self.mails.append(Caught(envelope.mail_from or "", list(envelope.rcpt_tos), raw, message))
        if self.mute and not self.go_on.is_set():
            await asyncio.to_thread(self.go_on.wait, 20)
        return "250 kept"

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        tls = self._tls()
        listen = self._loop.create_server(partial(self._visited, tls), "127.0.0.1", self.port, ssl=tls if self.implicit else None)
        server = self._loop.run_until_complete(listen)
        listening.set()
        self._loop.run_forever()
        server.close()
        for one in self._open:
            if one.transport is not None:
                one.transport.abort()  # type: ignore[attr-defined]  # a transport that writes
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _visited(self, tls: ssl.SSLContext | None) -> SMTP:
        self.visits += 1
        visitor = SMTP(
            self,
            enable_SMTPUTF8=self.utf8,
            hostname="sink.example",
            loop=self._loop,
            tls_context=None if self.implicit else tls,
            auth_required=self.login is not None,
            auth_require_tls=False,
            authenticator=self._signed_in if self.login else None,
        )
        self._open.append(visitor)
        return visitor

    def _signed_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert self.login and isinstance(data, LoginPassword)
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.login, handled=False)

    def _tls(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.chain, self.certificate.key)
        return context
