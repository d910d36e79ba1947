"""A mail that belongs nowhere yet opens a conversation, and is acknowledged once when a person wrote it."""

from __future__ import annotations

from dataclasses import dataclass

from chat.actions.open import new_conversation_id, subject_of
from chat.events.delivery import ReceiptAcknowledged
from chat.events.lifecycle import ConversationOpened
from chat.events.onward import ConversationContinued
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger.append import Command, CompanionRow, Fact, Joins, Named, Opens
from chat.ledger.event import Kind
from chat.ledger.read import Head
from chat.ledger.state import Person
from chat.people.match import customer_by_mail
from chat.people.models import Address, Site
from mailgateway import channel
from mailgateway.deciding import joining
from mailgateway.deciding.joining import Circle
from mailgateway.reading.parsed import ParsedMail

GATEWAY = "Mail gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark for the agents: where the mail may belong, or what a colleague wrote above it."""

    text: str
    by: str = GATEWAY
    actor: str = "system"


def command(
    said: MessageSaid,
    site: Site,
    *,
    key: str,
    rows: tuple[Named, ...],
    acknowledge: bool,
    proven: bool = False,
    note: Note | None = None,
    copies: ParsedMail | None = None,
    after: Head | None = None,
    customer: str = "",
) -> Command:
    """`rows` name the mail; they are for the message. `proven` says that the author's domain vouches for it: only then does an address
    that was confirmed before count as confirmed here. `copies` is the mail whose people in copy join; `after` the closed conversation
    that this one goes on from, and `customer` whose it was.
    """
    ref = customer or customer_by_mail(site, said.address, said.by).ref
    conversation = new_conversation_id()
    opened = ConversationOpened(
        by=said.by,
        customer=ref,
        subject=said.subject or subject_of(said.text),
        address=said.address,
        confirmed=proven and _confirmed(ref, said.address),
        away_after=site.away_after,
    )

    def fact(body: Kind, actor: str, name: str) -> Fact:
        return Fact(conversation=conversation, body=body, actor=actor, channel=channel.NAME, key=f"{name}:{key}")

    facts = [fact(opened, ref, "open"), fact(said, ref, "mail")]
    if acknowledge:
        facts.append(fact(ReceiptAcknowledged(of=2, to=said.address), "system", "receipt"))
    if note is not None:
        facts.append(fact(NoteAdded(by=note.by, text=note.text), note.actor, "note"))
    if copies is not None:
        circle = Circle(conversation=conversation, site=site, key=key, customer=Person(ref=ref, address=said.address))
        facts += joining.in_copy(circle, copies, said, ref)
    if after is not None:
        facts += _continued(after, site, conversation, key)
    named: tuple[CompanionRow, ...] = tuple(
        Named(conversation=conversation, namespace=row.namespace, value=row.value, fact=1) for row in rows
    )
    return Command(
        facts=tuple(facts),
        opens=Opens(conversation=conversation, site=site.pk, source=channel.NAME, key=key),
        rows=(Joins(conversation=conversation, ref=ref), *named),
    )


def _continued(old: Head, site: Site, conversation: int, key: str) -> list[Fact]:
    there = ConversationContinued(other=str(conversation), onward=True)
    here = ConversationContinued(other=str(old.conversation), onward=False, case=site.case(old.number))
    return [
        Fact(conversation=place, body=body, actor="system", channel=channel.NAME, key=f"continued:{key}")
        for place, body in ((conversation, here), (old.conversation, there))
    ]


def _confirmed(ref: str, address: str) -> bool:
    return Address.objects.filter(customer_id=int(ref.partition(":")[2]), address=address.lower(), confirmed_at__isnull=False).exists()
