"""A customer opens a conversation with a first message."""

from __future__ import annotations

import hashlib
import secrets
import time
from urllib.parse import urlsplit

from chat.actions.access import Who
from chat.actions.action import CUSTOMER, Action, BadForm, register_action
from chat.actions.attaching import attached
from chat.actions.words import LINE, address, line, needed, optional
from chat.events.lifecycle import ConversationOpened
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, Fact, Joins, Opens
from chat.people.masking import rules_of
from chat.people.match import customer_of_visitor
from chat.people.models import Site

_EPOCH_MS = 1_700_000_000_000


def new_conversation_id() -> int:
    """A 64-bit id that rises with time (42 bits of milliseconds, 21 random), so that indexes grow at their end."""
    return ((time.time_ns() // 1_000_000 - _EPOCH_MS) << 21) | secrets.randbits(21)


def subject_of(text: str) -> str:
    """The first words of a message, as the subject until somebody gives a better one."""
    first = next((part.strip() for part in text.splitlines() if part.strip()), "")
    if len(first) <= 60:
        return first
    cut = first[:60].rsplit(" ", 1)[0] or first[:60]
    return f"{cut} …"


@register_action
class Open(Action):
    name = "open"
    label = "Start the chat"
    who = CUSTOMER
    opens = True

    class Form(Action.Form, frozen=True):
        text: str
        name: str = ""
        address: str = ""
        page: str = ""
        attachments: list[str] = []

    def opening(self, who: Who, site: int, form: Form, *, key: str, channel: str) -> Command:  # type: ignore[override]  # its own Form
        words = needed(form.text, "text") if not form.attachments else optional(form.text, "text")
        place = Site.objects.filter(pk=site).first()
        if place is None:
            raise BadForm("There is no such site.", field="site")
        text, _ = rules_of(place).masked(words)
        mail = address(form.address)
        name = line(form.name, "name", most=80)
        files = attached(who, form.attachments)
        customer = customer_of_visitor(place, who, name=name, address=mail)
        conversation = new_conversation_id()
        page = urlsplit(form.page[:LINE])
        opened = ConversationOpened(
            by=name,
            customer=customer.ref,
            subject=subject_of(text) or "A file",
            address=mail,
            page=f"{page.scheme}://{page.netloc}{page.path}" if page.scheme in ("http", "https") else "",
            away_after=place.away_after,
        )
        said = MessageSaid(by=name, text=text, attachments=files)
        # The same first message again finds the first conversation: the key is unique by site and visitor.
        source = hashlib.sha256(f"{channel}:{who.owner}".encode()).hexdigest()[:32]
        return Command(
            facts=(
                Fact(conversation=conversation, body=opened, actor=customer.ref, channel=channel, key=f"open:{key}"),
                Fact(conversation=conversation, body=said, actor=customer.ref, channel=channel, key=key),
            ),
            opens=Opens(conversation=conversation, site=site, source=source, key=key),
            rows=(Joins(conversation=conversation, ref=customer.ref),),
        )
