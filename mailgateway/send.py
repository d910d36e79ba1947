"""Hands one mail to the relay, or to the local mailbox when there is none, and says what became of it. Retries nothing."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial

import aiosmtplib
from django.conf import settings

from chat.ledger.deliveries import BOUNCED, DELAYED, SENT
from chat.ledger.read import in_thread
from mailgateway import local_mailbox
from mailgateway.writing import Outgoing

PATIENCE = 60.0
"""Seconds for one answer of the relay."""
MAX_WORDS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is sent, delayed or bounced; `said` the other server's own words."""

    state: str
    said: str


async def send(mail: Outgoing) -> Outcome:
    """Never raises for what a mail server or the network does."""
    if not settings.RELAY:
        number = await in_thread(
            partial(
                local_mailbox.keep,
                mail.raw,
                sender=mail.sender,
                to=mail.to,
                identifier=mail.identifier,
                subject=mail.subject,
                conversation=mail.conversation,
            )
        )
        return Outcome(SENT, f"Kept in the local mailbox as {number}, because no relay is set.")
    return await _relay(mail)


async def _relay(mail: Outgoing) -> Outcome:
    host, port = relay_address()
    mode = settings.RELAY_TLS
    client = aiosmtplib.SMTP(
        hostname=host,
        port=port,
        use_tls=mode == "tls",
        start_tls={"none": False, "starttls": True, "tls": False}.get(mode),
        timeout=PATIENCE,
        local_hostname=settings.MAIL_DOMAIN,
    )
    try:
        await client.connect()
        if settings.RELAY_USER:
            await client.login(settings.RELAY_USER, settings.RELAY_PASSWORD)
        _, said = await client.sendmail(mail.sender, [mail.to], mail.raw)
        return Outcome(SENT, _words(said))
    except aiosmtplib.SMTPRecipientsRefused as refusal:
        first = refusal.recipients[0]
        return _refused(first.code, first.message)
    except aiosmtplib.SMTPDataError as refusal:
        return _refused(refusal.code, refusal.message)
    except aiosmtplib.SMTPResponseException as refusal:
        # Greeting, sign-in and sender are between us and our relay: a fault there is ours to mend, and no reason to give a mail up.
        return Outcome(DELAYED, _words(f"{refusal.code} {refusal.message}"))
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
        return Outcome(DELAYED, _words(str(problem) or type(problem).__name__))
    finally:
        await _goodbye(client)


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    # RFC 5321 section 4.1.1.10: a client ends with QUIT. What was said before stands, however this goes.
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        if client.is_connected:
            await client.quit(timeout=5)
    client.close()


def relay_address() -> tuple[str, int]:
    """Host and port of the relay; 25 if no port is given."""
    host, _, port = settings.RELAY.rpartition(":")
    return (host.strip("[]"), int(port)) if host and port.isdigit() else (settings.RELAY, 25)


def _refused(code: int, message: str) -> Outcome:
    return Outcome(BOUNCED if code >= 500 else DELAYED, _words(f"{code} {message}"))


def _words(said: str) -> str:
    return " ".join(str(said).split())[:MAX_WORDS]
