"""The link that stands in a mail: it opens the conversation, live and with its record, for this addressee and this conversation alone."""

from __future__ import annotations

from django.conf import settings

from chat.events.privacy import LinkIssued
from chat.ledger.append import Fact
from chat.people import links
from chat.people.links import Issued
from mailgateway import channel


def for_mail(conversation: int, ref: str, *, keep_days: int, mail: str) -> Issued:
    """The link made for the mail with this Message-ID: the same one at every attempt."""
    return links.issue(conversation, ref, keep_days=keep_days, name=mail)


def address(link: Issued) -> str:
    return f"{settings.PUBLIC_URL}{link.path}"


def told(conversation: int, ref: str, link: Issued) -> Fact:
    """What the record says of it: once, however often the mail is tried."""
    body = LinkIssued(link=link.link, to=ref, until=int(link.until.timestamp() * 1_000_000))
    return Fact(conversation=conversation, body=body, actor="system", channel=channel.NAME, key=f"link:{link.link}")
