"""What `throughline doctor` asks about mail: each check does the real thing and gives a sentence, or Trouble with its cure."""

from __future__ import annotations

import asyncio
import re
import secrets
import smtplib
import socket
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from django.conf import settings

from chat.ledger import received
from chat.people.models import Site
from mailgateway import keys, message_id, reply_address
from mailgateway.sending import relay as relays
from mailgateway.setup import advice
from mailgateway.wire import certificate, fronts

PATIENCE = 15.0
"""Seconds until the intake must have seen the mail."""


class Trouble(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, sentence: str, cure: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cure = cure


class _Caller(smtplib.SMTP):
    """Says first that it speaks for itself, where whoever calls from here must begin so."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # smtplib's own children override it too
        if fronts.proxied(sock.getsockname()[0]):
            sock.sendall(b"PROXY UNKNOWN\r\n")
        return sock


def base_length() -> str:
    """The signed tag must fit behind the local part of every site's address."""
    sites = list(Site.objects.order_by("pk"))
    for site in sites:
        try:
            reply_address.check_base(site.mail_base, longest=64 if settings.MAIL_REPLY_DOMAIN else reply_address.MAX_BASE)
        except reply_address.BaseAddressError as problem:
            raise Trouble(f"{site.name}: {problem}", "Choose a shorter name before the @ on the site's set-up page.") from problem
    return f"the reply addresses of {len(sites)} site{'s' if len(sites) != 1 else ''} fit into 64 characters"


def there_and_back() -> str:
    """A mail through our own gateway, found again in the store with the same bytes."""
    host = settings.SMTP_HOST if settings.SMTP_HOST not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  # compared, not bound
    message = _probe()
    raw = message.as_bytes()
    try:
        with _Caller(host, settings.SMTP_PORT, timeout=10) as gateway:
            gateway.ehlo()
            gateway.mail(f"{keys.BOUNCE_BASE}@{settings.MAIL_DOMAIN}")
            code, said = gateway.rcpt(f"postmaster@{settings.MAIL_DOMAIN}")
            if code < 300:
                code, said = gateway.data(raw)
    except (OSError, smtplib.SMTPException) as problem:
        raise Trouble(
            f"nobody answers at {host}:{settings.SMTP_PORT} ({problem})",
            "Start `throughline up` or `throughline mail` first, or set THROUGHLINE_SMTP_HOST and _PORT to where it listens.",
        ) from problem
    words = said.decode(errors="replace")
    found = re.search(r"Kept as (\d+)", words)
    if code >= 300 or not found:
        raise Trouble(f"the gateway did not take a mail: {code} {words}", "Check database and blob store above; 451 means they were away.")
    return _find(int(found[1]), raw)


def encryption() -> str:
    """Whether mail may come in under TLS, and for how long."""
    chain = settings.SMTP_CERTIFICATE
    if chain is None:
        return "no certificate is set: mail comes in without TLS"
    renew = "Renew it; the gateway reads its files again within seconds."
    try:
        certificate.from_settings()
        until = certificate.good_until(chain)
    except (OSError, ValueError) as problem:
        raise Trouble(f"the certificate in {chain} cannot be used: {problem}", "Set THROUGHLINE_SMTP_CERTIFICATE and _KEY.") from problem
    if certificate.runs_out_soon(chain):
        raise Trouble(f"the certificate for mail is good until {until:%Y-%m-%d %H:%M} UTC only", renew)
    return f"STARTTLS is offered; the certificate is good until {until:%Y-%m-%d}"


def relay() -> str:
    """Whether outgoing mail has somewhere to go."""
    if not settings.RELAY:
        return f"no relay is set: outgoing mail stays in the local mailbox at {settings.PUBLIC_URL}/mailbox/"
    host, port = relays.address()

    async def greet() -> str:
        await relays.goodbye(await relays.opened())
        return f"the relay {host}:{port} answers; `throughline doctor mail` sends a mail through it and waits until it is back"

    try:
        return asyncio.run(greet())
    except relays.Unreachable as problem:
        raise Trouble(str(problem), advice.RELAY) from problem


def mailbox() -> str:
    """Whether the mailbox elsewhere can be read, if there is one."""
    step = advice.mailbox()
    if step is None:
        return "none elsewhere is set"
    if step.state == advice.TROUBLE:
        raise Trouble(step.sentence, step.cure)
    return step.sentence


def _probe() -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"doctor@{settings.MAIL_DOMAIN}"
    message["To"] = f"postmaster@{settings.MAIL_DOMAIN}"
    message["Subject"] = "A mail to itself"
    # Signed as our own, so that the intake knows it for what it is and opens nothing.
    key = keys.current(keys.identifier())
    own = message_id.make(settings.MAIL_DOMAIN, conversation=0, position=secrets.randbelow(2**39), addressee=0, key=key)
    message["Message-ID"] = f"<{own}>"
    message.set_content(f"Written by throughline doctor: {secrets.token_hex(8)}\n")
    return message


def _find(row: int, raw: bytes) -> str:
    arrival = received.get(row)
    if arrival is None or not _is(arrival, raw):
        raise Trouble(
            "the gateway took a mail that cannot be found here",
            "Gateway and doctor use different databases or blob stores: give both the same THROUGHLINE_DATA, _DATABASE and _BLOBS.",
        )
    until = time.monotonic() + PATIENCE
    while arrival is not None and arrival.state == received.WAITING and time.monotonic() < until:
        time.sleep(0.1)
        arrival = received.get(row)
    if arrival is None or arrival.state == received.WAITING:
        raise Trouble("a mail came in but nobody read it", "Start `throughline work` (or `throughline up`), and look into its log.")
    return "a mail to ourselves came in over SMTP, was stored with the same bytes and was read"


def _is(arrival: received.Arrival, raw: bytes) -> bool:
    try:
        return received.content(arrival) == raw
    except received.Missing:
        return False


doctor_checks: list[tuple[str, Callable[[], str]]] = [
    ("reply address", base_length),
    ("mail in", there_and_back),
    ("mail TLS", encryption),
    ("mailbox", mailbox),
    ("mail out", relay),
]
