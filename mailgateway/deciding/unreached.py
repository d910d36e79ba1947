"""Counts the mails that did not reach an address, and says when so many did not that it is paused. Touches the database: for threads."""

from __future__ import annotations

from chat.events.delivery import MailBounced, MailComplained, MailPaused
from chat.ledger.append import Fact
from chat.ledger.event import Kind
from chat.people import pausing
from mailgateway import channel


def counted(site: int, address: str, body: Kind, *, conversation: int, key: str) -> list[Fact]:
    """Counts a bounce or a complaint about a mail to `address`; the event that it is paused, if this is the one that makes it so.

    `key` is that of the mail or report. Asked again for the same one it counts nothing, and answers the same.
    """
    if isinstance(body, MailComplained):
        kind = pausing.COMPLAINT
    elif isinstance(body, MailBounced):
        kind = pausing.HARD if body.hard else pausing.SOFT
    else:
        return []
    if not pausing.note(site, address, kind, conversation=conversation, position=body.of):
        return []
    paused = MailPaused(to=address, why=pausing.paused(site, address) or kind)
    return [Fact(conversation=conversation, body=paused, actor="system", channel=channel.NAME, key=f"paused:{key}")]
