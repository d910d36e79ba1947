"""Connections to the relay: opened with TLS and login as set, kept for the next mail, each used by one mail at a time.

Knows settings and SMTP; knows no mail and no queue.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import ssl
import time

import aiosmtplib
import structlog
from django.conf import settings

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds for one answer of the relay."""
IDLE = 15.0
"""Seconds for which an open connection waits for the next mail; relays hang up after a minute or more."""
MAILS = 100
"""Mails over one connection: relays end a longer visit, some without a word."""

Line = aiosmtplib.SMTP


class Unreachable(Exception):
    """The relay is away, or does not let us in. The sentence may stand in a record: it says what is wrong, and names no machine."""


class Lines:
    """The open connections of one event loop. How many there are at once is its user's business."""

    def __init__(self) -> None:
        self._idle: list[tuple[Line, float]] = []
        self._mails: dict[int, int] = {}

    async def take(self) -> Line:
        """A connection that is ready for a mail: one that waits, else a new one. Raises Unreachable."""
        while self._idle:
            line, since = self._idle.pop()
            if time.monotonic() - since < IDLE and await _still_there(line):
                return line
            await self._end(line)
        line = await opened()
        self._mails[id(line)] = 0
        return line

    async def give_back(self, line: Line) -> None:
        """After a mail, whatever became of it. A connection that broke is not kept."""
        self._mails[id(line)] = used = self._mails.get(id(line), 0) + 1
        if line.is_connected and used < MAILS:
            self._idle.append((line, time.monotonic()))
        else:
            await self._end(line)

    async def drop(self, line: Line) -> None:
        """A connection that cannot be trusted with another mail."""
        self._mails.pop(id(line), None)
        line.close()

    async def rest(self) -> None:
        """End what nobody has used for a while."""
        now = time.monotonic()
        old = [line for line, since in self._idle if now - since >= IDLE]
        self._idle = [(line, since) for line, since in self._idle if now - since < IDLE]
        for line in old:
            await self._end(line)

    async def close(self) -> None:
        while self._idle:
            await self._end(self._idle.pop()[0])

    async def _end(self, line: Line) -> None:
        self._mails.pop(id(line), None)
        await goodbye(line)


async def opened() -> Line:
    """A new connection, greeted, under TLS and signed in as the settings want it. Raises Unreachable."""
    host, port = address()
    mode = settings.RELAY_TLS
    starttls = {"none": False, "starttls": True, "tls": False}.get(mode, False if is_loopback(host) else None)
    line = Line(hostname=host, port=port, use_tls=mode == "tls", start_tls=starttls, timeout=PATIENCE, local_hostname=settings.MAIL_DOMAIN)
    try:
        await line.connect()
        if settings.RELAY_USER:
            _check_private(line, host)
            await line.login(settings.RELAY_USER, settings.RELAY_PASSWORD)
        if line.is_ehlo_or_helo_needed:
            await line.ehlo()
    except aiosmtplib.SMTPResponseException as refusal:
        line.close()
        log.warning("relay_refuses", host=host, port=port, code=refusal.code)
        raise Unreachable(f"Our relay does not let us in: {refusal.code} {refusal.message}") from refusal
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as problem:
        line.close()
        log.warning("relay_away", host=host, port=port, problem=str(problem) or type(problem).__name__)
        raise Unreachable(_words(problem)) from problem
    except BaseException:
        line.close()
        raise
    return line


async def goodbye(line: Line) -> None:
    """RFC 5321 section 4.1.1.10: a client ends with QUIT. What was said before stands, however this goes."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        if line.is_connected:
            await line.quit(timeout=5)
    line.close()


def address() -> tuple[str, int]:
    """Host and port of the relay; 25 if no port is given."""
    host, _, port = settings.RELAY.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdigit() else (settings.RELAY, 25)


def is_loopback(host: str) -> bool:
    """Between two programs of one machine nobody listens, and its mail server has rarely a certificate that anybody vouches for."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_private(line: Line, host: str) -> None:
    # RFC 4954 section 4: a password in the clear is read by whoever stands on the way.
    private = line.get_transport_info("sslcontext") is not None
    if not private and settings.RELAY_TLS != "none" and not is_loopback(host):
        raise aiosmtplib.SMTPException("the relay offers no TLS, and the password is not sent in the clear")


async def _still_there(line: Line) -> bool:
    try:
        if line.is_connected:
            await line.rset(timeout=5)
            return True
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        line.close()
    return False


def _words(problem: BaseException) -> str:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of our relay is not to be trusted: {cause.verify_message}. Nothing was sent."
        if isinstance(cause, ssl.SSLError):
            # Its number is one of OpenSSL's, and would be told as another fault.
            return f"Our relay cannot be reached with TLS: {(cause.reason or 'it does not speak it').lower().replace('_', ' ')}."
        if isinstance(cause, socket.gaierror):
            return "Our relay cannot be reached: its name is not known."
        if isinstance(cause, OSError) and cause.errno and not isinstance(cause, aiosmtplib.SMTPException):
            return f"Our relay cannot be reached: {os.strerror(cause.errno)}."
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, TimeoutError):
        return "Our relay cannot be reached: it does not answer in time."
    if isinstance(problem, aiosmtplib.SMTPConnectError):
        return "Our relay cannot be reached."
    return f"Our relay cannot be used: {str(problem) or type(problem).__name__}"
