"""Who takes part in a conversation after a mail: people whom the customer put in copy, and strangers who wrote into it.

Makes customers for them, and facts; nobody gets access to the record by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chat.events.participants import MOST, ParticipantJoined
from chat.events.talk import MessageSaid
from chat.ledger.append import Fact
from chat.ledger.state import Person
from chat.people.match import customer_by_mail
from chat.people.models import Site
from mailgateway import addresses, channel
from mailgateway.reading.parsed import Mailbox, ParsedMail

MAX_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """The people of one conversation as they were before the mail with this `key`."""

    conversation: int
    site: Site
    key: str
    customer: Person
    others: dict[str, Person] = field(default_factory=dict)

    def fact(self, body: ParticipantJoined, actor: str) -> Fact:
        return Fact(conversation=self.conversation, body=body, actor=actor, channel=channel.NAME, key=f"joined:{body.who}:{self.key}")


def in_copy(circle: Circle, mail: ParsedMail, said: MessageSaid, actor: str) -> list[Fact]:
    """People in To and Cc of a mail that is believed: each joins once while there is room. The message names the others too."""
    customer, others = circle.customer, circle.others
    facts: list[Fact] = []
    taken = {person.address.lower() for person in others.values() if not person.unasked} | {customer.address.lower(), said.address.lower()}
    room = MOST - len(others)
    here = {person.address.lower() for person in others.values()}
    for box in _people(mail):
        # Nobody is made a customer for whom there is no room.
        if box.address.lower() in taken or (room <= 0 and box.address.lower() not in here):
            continue
        taken.add(box.address.lower())
        ref = ref_of(circle.site, box)
        if ref == customer.ref or (ref not in others and room <= 0):
            continue
        room -= ref not in others
        body = ParticipantJoined(by=said.by, who=ref, shown_name=box.name.strip()[:MAX_NAME], address=box.address[:254])
        facts.append(circle.fact(body, actor))
    return facts


def by_writing(circle: Circle, said: MessageSaid, ref: str) -> list[Fact]:
    """A stranger whose mail went into the conversation, so that somebody can answer them."""
    if not said.address or ref in circle.others or ref == circle.customer.ref or len(circle.others) >= MOST:
        return []
    body = ParticipantJoined(by=said.by, who=ref, shown_name=said.by, address=said.address, how="wrote")
    return [circle.fact(body, ref)]


def ref_of(site: Site, box: Mailbox) -> str:
    """The customer who writes from this address, made at the first mail."""
    return customer_by_mail(site, box.address, box.name.strip()[:MAX_NAME]).ref


def _people(mail: ParsedMail) -> Iterator[Mailbox]:
    """Those who are not us. We may be there under an address that forwards to ours: then its server says so, or it stands in To alone."""
    boxes = (*mail.to, *mail.cc)
    if not any(_is_us(mail, box.address) for box in boxes):
        boxes = mail.cc if len(mail.to) == 1 else ()
    for box in boxes:
        if "@" in box.address and not _is_us(mail, box.address) and not addresses.is_nobody(box.address):
            yield box


def _is_us(mail: ParsedMail, address: str) -> bool:
    passed_on = (*mail.delivered_to, *mail.signals.get("x-forwarded-for", "").split())
    return addresses.is_ours(address.rpartition("@")[2]) or address.lower() in {one.lower() for one in passed_on}
