"""The door for mail: decides quickly whom we take mail for, and answers 250 only after the mail is durable. Never looks into a mail."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from chat.ledger.read import in_thread
from mailgateway import addresses, inbound
from mailgateway.inbound import Incoming, Post
from mailgateway.wire import certificate, fronts, replies
from mailgateway.wire.dialogue import Dialogue

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

log = structlog.get_logger()

MAX_RECIPIENTS = 100
MAX_PER_PEER = 40
MAX_CONNECTIONS = 400
GRACE = 8.0
"""Seconds that a mail in the middle of its transmission gets when the process stops."""


class Gate:
    """The handler of every connection to one socket: methods are named after the verbs on the wire."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, lmtp: bool = False) -> None:
        self.loop = loop
        self.lmtp = lmtp
        self.certificate = certificate.from_settings()
        self.inside: set[Dialogue] = set()
        self._parties: Counter[str] = Counter()
        self._counted: dict[Dialogue, str] = {}

    def admits(self, dialogue: Dialogue) -> bool:
        """Whether there is room for one more at all."""
        if len(self.inside) >= MAX_CONNECTIONS:
            log.warning("smtp_refused", reason="too many connections")
            return False
        self.inside.add(dialogue)
        return True

    def counts(self, dialogue: Dialogue) -> bool:
        """Whether its peer may have one more; asked when it is known for whom a connection is. A front server may have all."""
        party = fronts.party(dialogue.peer)
        if self._parties[party] >= MAX_PER_PEER and not dialogue.trusted:
            log.warning("smtp_refused", reason="too many connections of one peer")
            return False
        self._parties[party] += 1
        self._counted[dialogue] = party
        return True

    def left(self, dialogue: Dialogue) -> bool:
        """Whether this connection had been let in."""
        if dialogue not in self.inside:
            return False
        self.inside.discard(dialogue)
        party = self._counted.pop(dialogue, None)
        if party is not None:
            self._parties[party] -= 1
            if not self._parties[party]:
                del self._parties[party]
        return True

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return replies.CROWD
        if address != _storable(address):
            return replies.UNKNOWN
        domain = address.rpartition("@")[2] if "@" in address else ""
        if domain and not addresses.is_ours(domain):
            return replies.RELAY
        try:
            known = addresses.deliverable_at_once(address)
            if known is None:
                known = await in_thread(addresses.deliverable, address)
        except DatabaseError:
            log.warning("smtp_database_away", verb="RCPT")
            return replies.AWAY
        if not known:
            return replies.UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: Dialogue, session: Session, envelope: Envelope, mail: Incoming) -> str:
        sender = envelope.mail_from or ""
        post = Post(
            sender="" if sender == "<>" else _storable(sender),
            recipients=tuple(envelope.rcpt_tos),
            peer=server.peer,
            greeting=_storable(str(session.host_name or ""))[:255],
            door="lmtp" if self.lmtp else "smtp",
            tls=session.ssl is not None,
            trusted=server.trusted,
        )
        try:
            row = await inbound.hatch().keep(mail, post)
        except (OSError, DatabaseError) as problem:
            log.warning("mail_not_kept", problem=type(problem).__name__)
            return replies.AWAY
        log.info("mail_kept", row=row, size=mail.size, recipients=len(post.recipients))
        return f"250 2.0.0 Kept as {row}"


_gates: WeakKeyDictionary[asyncio.AbstractServer, Gate] = WeakKeyDictionary()


async def listen(sock: socket.socket, *, lmtp: bool = False) -> asyncio.AbstractServer:
    """Take mail on a socket that listens already. Raises OSError if the certificate that is set cannot be loaded."""
    loop = asyncio.get_running_loop()
    gate = Gate(loop, lmtp=lmtp)
    make = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
    server = await make(partial(Dialogue, gate), sock=sock)
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
        dialogue.end(replies.STOPPING)


def _busy(dialogue: Dialogue) -> bool:
    """In the middle of a mail: recipients were taken, the answer to the last dot is not given yet."""
    envelope = dialogue.envelope
    return bool(envelope is not None and envelope.rcpt_tos)


def _storable(text: str) -> str:
    """As much of it as is text that can be stored: octets that are none become question marks."""
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char for char in whole if char.isprintable())[:320]
