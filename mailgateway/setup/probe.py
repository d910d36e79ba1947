"""Mails that we send to ourselves to see whether they come back. All their signs name conversation 0, which there is not, and the intake
drops them by that. Knows no relay and no store.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings
from django.utils import timezone

from chat.people.models import Site
from mailgateway import addresses, keys, message_id, reply_address
from mailgateway.deciding.item import Item
from mailgateway.deciding.verdict import Verdict, dropped
from mailgateway.message_id import Sent
from mailgateway.reply_address import Tag
from mailgateway.sending.writing import Outgoing

CONVERSATION = 0
PLAIN = ""
"""The form of an address without a tag."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`form` is the separator of its address, the reply domain, or PLAIN; `token` stands in its text and nowhere else."""

    form: str
    token: str
    mail: Outgoing


def make(site: Site, form: str) -> Probe:
    """One to the site's own address in this form."""
    token = secrets.token_hex(16)
    identifier = _identifier()
    to = _address(site, form)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name="Throughline set-up", addr_spec=addresses.public(site))
    message["To"] = to
    message["Subject"] = "A mail to ourselves"
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = f"<{identifier}>"
    # Relays that write a Message-ID of their own leave these.
    message["In-Reply-To"] = message["References"] = f"<{_identifier()}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(f"The server sent this to see whether answers come back. Nobody need read it.\n\n{token}\n")
    sender = addresses.bounces_to(site, conversation=CONVERSATION, position=0, addressee=0)
    mail = Outgoing(
        raw=message.as_bytes(), sender=sender, to=to, identifier=identifier, subject=str(message["Subject"]), conversation=CONVERSATION
    )
    return Probe(form, token, mail)


def came_back(item: Item) -> Verdict | None:
    """Such a mail, or a report about one, is dropped."""
    return dropped("A mail that the set-up sent to itself came back.") if _is_one(item) else None


def _is_one(item: Item) -> bool:
    mail = item.mail
    written = (*item.recipients, *mail.delivered_to, *(box.address for box in mail.to))
    identifiers = (mail.message_id, *mail.in_reply_to, *mail.references, item.judged.bounce.original_id if item.judged.bounce else "")
    return _among(written, item) or any(_is_ours(message_id.read(each, item.keys.identifier)) for each in identifiers[:10] if each)


def _among(written: Iterable[str], item: Item) -> bool:
    for address in written:
        tag = reply_address.read(address, item.keys.reply)
        if (isinstance(tag, Tag) and tag.conversation == CONVERSATION) or _is_ours(
            message_id.read_envelope_recipient(address, item.keys.envelope)
        ):
            return True
    return False


def _is_ours(found: object) -> bool:
    return isinstance(found, Sent) and found.conversation == CONVERSATION


def _identifier() -> str:
    key = keys.current(keys.identifier())
    return message_id.make(settings.MAIL_DOMAIN, conversation=CONVERSATION, position=secrets.randbelow(2**39), addressee=0, key=key)


def _address(site: Site, form: str) -> str:
    if form == PLAIN:
        return addresses.public(site)
    key, addressee = keys.current(keys.reply()), secrets.randbelow(2**31)
    if form in reply_address.SEPARATORS:
        base, domain, separator = site.mail_base, settings.MAIL_DOMAIN, form
    else:
        base, domain, separator = "", form, "+"
    return reply_address.make(base, domain=domain, conversation=CONVERSATION, addressee=addressee, key=key, separator=separator)
