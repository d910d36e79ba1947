"""The SMTP dialogue: decides quickly whom we take mail for, and answers 250 only after the mail is durable. Never looks into a mail.

The only file that knows aiosmtpd.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.conf import settings
from django.db import DatabaseError

from chat.ledger.read import in_thread
from mailgateway import addresses, data_reader, inbound
from mailgateway.data_reader import LineTooLong, TooMuch
from mailgateway.inbound import Incoming, Post

log = structlog.get_logger()

MAX_RECIPIENTS = 100
MAX_PER_PEER = 40
MAX_CONNECTIONS = 400
MAX_COMMANDS = 500
"""Of one kind in one connection."""
PATIENCE = 120.0
"""Seconds of silence after which a connection is closed."""
LONGEST = 3600.0
"""Seconds that one mail may take, however slowly it drips."""
LINE = 1024 * 1024
"""Octets of one line of a mail."""
GRACE = 8.0
"""Seconds that a mail in the middle of its transmission gets when the process stops."""

# A plain address in brackets and what follows it: atoms with dots between them (RFC 5321 section 4.1.2), no quotes, comments or routes.
_ATOMS = r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
_PLAIN = re.compile(rf"<({_ATOMS}@{_ATOMS})>(?: +([!-'*-~]+(?: +[!-'*-~]+)*))?", re.ASCII)

AWAY = "451 4.3.0 We cannot store your mail at this moment. Nothing is lost: please send it again in a few minutes."
UNKNOWN = "550 5.1.1 There is no mailbox with this name here. Please check the address."
RELAY = "550 5.7.1 We take no mail for this domain."


class Dialogue(SMTP):
    """One connection. Long lines are taken as they come (the parser copes), because no mail is refused for what is in it."""

    line_length_limit = 64 * 1024
    """Octets of a command, and half of what stands in memory before the client has to wait."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(
            gate,
            data_size_limit=settings.MAIL_MAX,
            enable_SMTPUTF8=True,
            hostname=settings.MAIL_DOMAIN,
            ident="Throughline",
            timeout=PATIENCE,
            command_call_limit={"*": MAX_COMMANDS, "NOOP": 50, "RSET": 200},
            loop=gate.loop,
        )
        self.gate = gate
        self.peer = ""
        self._reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) and name else ""
        if not self.gate.admits(self):
            transport.write(b"421 4.7.0 Too many connections at once. Please try again in a moment.\r\n")  # type: ignore[attr-defined]  # a write transport
            transport.close()
            return
        # asyncio does it for sockets whose protocol is named, and this one's is not. Without it each answer after the first of a packet
        # waits for the client's delayed acknowledgement, 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.gate.left(self):
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._reading:
            self._reset_timeout()
        super().data_received(data)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # The library builds a class for each address that it parses; plain ones, which are nearly all, need none.
        plain = _PLAIN.fullmatch(arg)
        return (plain[1], plain[2] or "") if plain else super()._getaddr(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        """In place of the library's, which reads line by line and holds the whole mail in memory."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        session, envelope = self.session, self.envelope
        if session is None or envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        mail = Incoming()
        try:
            status = await self._read_into(mail) or await self.gate.handle_DATA(self, session, envelope, mail)
        finally:
            mail.discard()
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _read_into(self, mail: Incoming) -> str:
        """Everything up to the end; gives the refusal, or nothing if all is well."""
        refusal = ""
        self._reading = True
        try:
            async with asyncio.timeout(LONGEST):
                async for piece in data_reader.pieces(self._reader, most=settings.MAIL_MAX, longest_line=LINE):
                    if not refusal:
                        refusal = await _written(mail, piece)
        except LineTooLong:
            return "500 Line too long (see RFC5321 4.5.3.1.6)"
        except TooMuch:
            return "552 Error: Too much mail data"
        except TimeoutError:
            raise ConnectionResetError("The mail took too long.") from None
        finally:
            self._reading = False
        return refusal


class Gate:
    """The handler of every connection: methods are named after the verbs on the wire."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.inside: set[Dialogue] = set()
        self._peers: Counter[str] = Counter()

    def admits(self, dialogue: Dialogue) -> bool:
        if len(self.inside) >= MAX_CONNECTIONS or self._peers[dialogue.peer] >= MAX_PER_PEER:
            log.warning("smtp_refused", reason="too many connections")
            return False
        self.inside.add(dialogue)
        self._peers[dialogue.peer] += 1
        return True

    def left(self, dialogue: Dialogue) -> bool:
        """Whether this connection had been let in."""
        if dialogue not in self.inside:
            return False
        self.inside.discard(dialogue)
        self._peers[dialogue.peer] -= 1
        if not self._peers[dialogue.peer]:
            del self._peers[dialogue.peer]
        return True

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        # RFC 2920: verbs that come in one packet wait in the stream for their turn.
        return ["250-PIPELINING" if answer == "250 HELP" else answer for answer in responses] + ["250 HELP"]

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients at once. Please send to the others in a second mail."
        if not _storable(address):
            return UNKNOWN
        domain = address.rpartition("@")[2] if "@" in address else ""
        if domain and not addresses.is_ours(domain):
            return RELAY
        try:
            known = addresses.deliverable_at_once(address)
            if known is None:
                known = await in_thread(addresses.deliverable, address)
        except DatabaseError:
            log.warning("smtp_database_away", verb="RCPT")
            return AWAY
        if not known:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope, mail: Incoming) -> str:
        post = Post(
            sender=_storable(envelope.mail_from or ""),
            recipients=tuple(envelope.rcpt_tos),
            peer=str(session.peer[0]) if isinstance(session.peer, tuple) else "",
            greeting=_storable(str(session.host_name or ""))[:255],
        )
        try:
            row = await inbound.hatch().keep(mail, post)
        except (OSError, DatabaseError) as problem:
            log.warning("mail_not_kept", problem=type(problem).__name__)
            return AWAY
        log.info("mail_kept", row=row, size=mail.size, recipients=len(post.recipients))
        return f"250 2.0.0 Kept as {row}"

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp_failed", exc_info=error)
        return AWAY


_gates: WeakKeyDictionary[asyncio.AbstractServer, Gate] = WeakKeyDictionary()


async def listen(sock: socket.socket) -> asyncio.AbstractServer:
    """Take mail on a socket that listens already."""
    loop = asyncio.get_running_loop()
    gate = Gate(loop)
    server = await loop.create_server(partial(Dialogue, gate), sock=sock)
    _gates[server] = gate
    return server


async def finish(server: asyncio.AbstractServer) -> None:
    """Let mails in transmission end, then close every connection. `server.close()` comes before."""
    gate = _gates.get(server)
    if gate is None:
        return
    for _ in range(int(GRACE / 0.02)):
        if not any(_busy(dialogue) for dialogue in gate.inside):
            break
        await asyncio.sleep(0.02)
    for dialogue in list(gate.inside):
        transport: Any = dialogue.transport
        if transport is not None:
            transport.write(b"421 4.3.2 This server stops. Please try again in a moment.\r\n")
            transport.close()


async def _written(mail: Incoming, piece: bytes) -> str:
    """The refusal if there is no room; the client hears it when it has sent everything."""
    try:
        await mail.write(piece)
    except OSError as problem:
        log.warning("mail_not_kept", problem=type(problem).__name__)
        mail.discard()
        return AWAY
    return ""


def _busy(dialogue: Dialogue) -> bool:
    """In the middle of a mail: recipients were taken, the answer to the last dot is not given yet."""
    envelope = dialogue.envelope
    return bool(envelope is not None and envelope.rcpt_tos)


def _storable(address: str) -> str:
    """The address if it is text that can be stored; empty for bytes that are none."""
    try:
        address.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    return address if address.isprintable() and len(address) <= 320 else ""
