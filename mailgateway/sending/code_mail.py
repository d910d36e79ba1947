"""Sends one-time codes at once, past the queue of deliveries: they are of no conversation and of no use after minutes."""

from __future__ import annotations

import asyncio
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from django.conf import settings
from django.utils import timezone

from chat.ledger.deliveries import SENT
from chat.people.codes import CodeMail, register_carrier
from chat.people.models import Site
from mailgateway import addresses, keys, send
from mailgateway.proof import signing
from mailgateway.sending.letter import one_line
from mailgateway.sending.writing import Outgoing


def carry(mail: CodeMail) -> None:
    """Runs on a thread, where no event loop is. Raises OSError with the other server's words when it did not go."""
    site = Site.objects.get(pk=mail.site)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=one_line(site.name), addr_spec=addresses.public(site))
    message["To"] = mail.to
    message["Subject"] = f"{mail.code} is your code for {one_line(mail.case_number)}"
    message["Date"] = format_datetime(timezone.now())
    identifier = make_msgid(domain=settings.MAIL_DOMAIN)
    message["Message-ID"] = identifier
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(
        f"Your code is {mail.code}\n\nIt opens your record of {mail.case_number} at {site.name} and is good for 15 minutes.\n"
        "If you did not ask for it, you need do nothing.\n"
    )
    outgoing = Outgoing(
        raw=signing.signed(message.as_bytes()),
        sender=f"{keys.BOUNCE_BASE}@{settings.MAIL_DOMAIN}",
        to=mail.to,
        identifier=identifier.strip("<>"),
        subject=str(message["Subject"]),
        conversation=0,
        reports=False,
    )
    outcome = asyncio.run(send.send(outgoing))
    if outcome.state != SENT:
        raise OSError(outcome.said)


register_carrier(carry)
