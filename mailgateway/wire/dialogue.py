"""One connection that speaks SMTP or LMTP: the verbs, their order, their bounds and TLS. Decides about no address and keeps no mail.

Built upon aiosmtpd, of which no other file knows more than a name. Its loop over the commands is our own, because every line, every error
and every wait has a bound here.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from aiosmtpd.smtp import SMTP, Session
from django.conf import settings

from mailgateway.inbound import Incoming
from mailgateway.wire import fronts, proxy_line, replies, taking, wire_address
from mailgateway.wire.allowance import Allowance, Goodbye

if TYPE_CHECKING:
    from mailgateway.smtpd import Gate

log = structlog.get_logger()

COMMAND = 4096
"""Octets of a command: eight times what RFC 5321 asks for, because VERP and SMTPUTF8 make long addresses."""
PATIENCE = 120.0
"""Seconds for one command, from the answer to the one before it; and of silence in a mail."""
INTRODUCTION = 5.0
"""Seconds for what a proxy says first."""
HANDSHAKE = 30.0
LINGER = 2.0
"""Seconds that a client who is thrown out gets to read why, before a reset wipes it away."""

_SMTP = frozenset({"HELO", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "HELP", "QUIT"})
_LMTP = _SMTP - {"HELO", "EHLO"} | {"LHLO"}


class Dialogue(SMTP):
    """Long lines are taken as they come (the parser copes), because no mail is refused for what is in it."""

    line_length_limit = 64 * 1024
    """Octets of an endless command, and half of what stands in memory before the client has to wait."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(
            gate,
            data_size_limit=settings.MAIL_MAX,
            enable_SMTPUTF8=True,
            hostname=settings.MAIL_DOMAIN,
            ident="Throughline",
            timeout=PATIENCE,
            loop=gate.loop,
        )
        self.gate = gate
        self.peer = ""
        """The address this connection is for: the client's own, or the one a proxy speaks for."""
        self.trusted = False
        self._verbs = _LMTP if gate.lmtp else _SMTP
        self._allowance = Allowance()
        self._reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) and name else ""
        self.trusted = self._allowance.unlimited = fronts.trusted(self.peer) or (self.gate.lmtp and not isinstance(name, tuple))
        if not self.gate.admits(self) or not (fronts.proxied(self.peer) or self.gate.counts(self)):
            self.gate.left(self)
            transport.write(f"{replies.FULL}\r\n".encode())  # type: ignore[attr-defined]  # a write transport
            transport.close()
            return
        # asyncio does it for sockets whose protocol is named, and this one's is not. Without it each answer after the first of a packet
        # waits for the client's delayed acknowledgement, 40 ms.
        sock = transport.get_extra_info("socket")
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.gate.left(self):
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._reading:
            self._reset_timeout()
        super().data_received(data)

    def eof_received(self) -> bool | None:
        # What the client said before it stopped talking is still answered; the library would drop it.
        return asyncio.StreamReaderProtocol.eof_received(self)

    def end(self, words: str) -> None:
        """Say this and hang up, whatever goes on."""
        if self.transport is None or self.transport.is_closing():
            return
        with suppress(RuntimeError):  # our last words were said before
            self._writer.write(f"{words}\r\n".encode())
        self._hang_up()

    def _hang_up(self) -> None:
        # Once: an SSL transport that is closed a second time forgets what it would be aborted by.
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
            # A client that does not even read would keep the connection open for as long as its answer is stuck.
            self.loop.call_later(LINGER, self._writer.transport.abort)

    def _timeout_cb(self) -> None:
        self.end(replies.SILENT)

    async def push(self, status: str | bytes) -> None:
        """One answer; too many refusals end in goodbye."""
        answer = replies.enhanced(status.decode() if isinstance(status, bytes) else status)
        if answer[0] == "5":
            self._allowance.refusal()
        self._writer.write(f"{answer}\r\n".encode())
        await self._writer.drain()

    async def _handle_client(self) -> None:
        """In place of the library's: from the greeting to the end."""
        try:
            if await self._introduced():
                await self._greet()
                while self.transport is not None and not self.transport.is_closing():
                    await self._command()
        except Goodbye as words:
            await self._leave(str(words))
        except (ConnectionError, EOFError):
            pass  # the client is gone
        finally:
            self._hang_up()

    async def _introduced(self) -> bool:
        """Whether this connection goes on, after a proxy, if it is one, has said whom it speaks for."""
        if not fronts.proxied(self.peer):
            return True
        self._reset_timeout(INTRODUCTION)
        client = await proxy_line.spoken_for(self._reader)
        if client is None:
            return False  # without a word, as its specification asks
        self._reset_timeout()
        self.peer = client or self.peer
        self.trusted = self._allowance.unlimited = fronts.trusted(self.peer)
        if not self.gate.counts(self):
            raise Goodbye(replies.FULL)
        return True

    async def _greet(self) -> None:
        await self.push(f"220 {self.hostname} {'LMTP' if self.gate.lmtp else 'ESMTP'} {self.__ident__}")

    async def _command(self) -> None:
        try:
            line = (await self._reader.readuntil()).rstrip(b"\r\n")
        except asyncio.LimitOverrunError:
            raise Goodbye(replies.ENDLESS) from None
        verb, _, argument = line.partition(b" ")
        name = verb.decode("ascii", "replace").upper()
        self._allowance.command(name)
        if len(line) > COMMAND:
            await self.push("500 5.5.6 This command is too long.")
        elif name not in self._verbs:
            await self.push("502 5.5.1 We do not know this command." if name else "500 5.5.2 There is no command on this line.")
        else:
            self._reset_timeout()
            await self._done(self._smtp_methods[name], argument.strip().decode("utf-8", "surrogateescape") or None)

    async def _done(self, method: Callable[[str | None], Awaitable[None]], argument: str | None) -> None:
        try:
            await method(argument)
        except (Goodbye, ConnectionError, EOFError):
            raise
        except Exception as problem:
            log.error("smtp_failed", exc_info=problem)
            if self._reading:  # nobody knows what is text and what a command from here on
                raise Goodbye("421 4.3.0 We have trouble here. Please send this mail again in a few minutes.") from None
            await self.push(replies.AWAY)

    async def _leave(self, words: str) -> None:
        """Say why, stop talking, and swallow for a moment what the client still sends."""
        self._writer.write(f"{words}\r\n".encode())
        with suppress(ConnectionError, TimeoutError, RuntimeError):
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(LINGER):
                while await self._reader.read(self.line_length_limit):
                    pass

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library builds a class for each address that it parses; nearly all need none.
        known = wire_address.read(arg)
        if known is not None:
            return known
        try:
            found: tuple[str | None, str | None] = super()._getaddr(arg)
        except Exception:  # it trips over some
            return None, None
        return found

    async def smtp_HELO(self, hostname: str | None) -> None:
        if not hostname:
            await self.push("501 Syntax: HELO hostname")
            return
        self._hear(hostname, extended=False)
        await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str | None) -> None:
        if not hostname:
            await self.push("501 Syntax: EHLO hostname")
            return
        session = self._hear(hostname, extended=True)
        # RFC 2920: verbs that come in one packet wait in the stream for their turn.
        offers = [self.hostname, f"SIZE {settings.MAIL_MAX}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self.gate.certificate is not None and session.ssl is None:
            offers.append("STARTTLS")
        offers.append("HELP")
        self._writer.write("".join(f"250{'-' if offer != 'HELP' else ' '}{offer}\r\n" for offer in offers).encode())
        await self._writer.drain()

    smtp_LHLO = smtp_EHLO

    def _hear(self, hostname: str, *, extended: bool) -> Session:
        self.envelope = self._create_envelope()
        session = self.session
        assert session is not None  # since the connection was made
        session.host_name, session.extended_smtp = hostname, extended
        return session

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """In place of the library's, which reaches into a transport that Python makes later nowadays."""
        session, transport, certificate = self.session, self.transport, self.gate.certificate
        if arg:
            await self.push("501 Syntax: STARTTLS")
            return
        if certificate is None or session is None or transport is None or session.ssl is not None:
            await self.push("502 5.5.1 TLS is not offered here." if certificate is None else "503 5.5.1 TLS is on already.")
            return
        context = certificate.context()
        await self.push("220 2.0.0 Ready to start TLS")
        # RFC 3207 section 4.2, and CVE-2011-0411: whatever came before the handshake was nobody's we know, commands behind this one too.
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # a StreamReader has no public way to forget
        secured = await self.loop.start_tls(
            transport,  # type: ignore[arg-type]  # a write transport
            self,
            context,
            server_side=True,
            ssl_handshake_timeout=HANDSHAKE,
            ssl_shutdown_timeout=LINGER,
        )
        if secured is None:
            raise ConnectionResetError("The client went away in the handshake.")
        self._reader._transport = self._writer._transport = self.transport = secured  # type: ignore[attr-defined]
        self._over_ssl = True  # the base class asks for it at the end
        self.envelope = self._create_envelope()
        self.session = Session(self.loop)
        self.session.peer, self.session.ssl = session.peer, {"cipher": secured.get_extra_info("cipher")}

    async def smtp_VRFY(self, arg: str | None) -> None:
        """RFC 5321 section 7.3: it tells nobody who is here."""
        await self.push("252 2.0.0 Send a mail, and you will see." if arg else "501 Syntax: VRFY <address>")

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.push(f"214 2.0.0 This server knows {' '.join(sorted(self._verbs))}.")

    async def smtp_DATA(self, arg: str | None) -> None:
        """In place of the library's, which reads line by line and holds the whole mail in memory."""
        session, envelope = self.session, self.envelope
        if session is None or envelope is None or not envelope.rcpt_tos:
            await self.push("503 5.5.1 Nobody is to get this mail: RCPT comes first.")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        mail = Incoming()
        try:
            self._reading = True
            answer = await taking.take(self._reader, mail)
            self._reading = False
            answer = answer or await self.gate.handle_DATA(self, session, envelope, mail)
        finally:
            mail.discard()
        self.envelope = self._create_envelope()
        if answer[0] == "2":
            self._allowance.mail()
        for one in replies.for_each(answer, envelope.rcpt_tos) if self.gate.lmtp else (answer,):
            await self.push(one)
