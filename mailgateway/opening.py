"""A mail that belongs nowhere yet opens a conversation, and is acknowledged once when a person wrote it."""

from __future__ import annotations

from chat.actions.open import new_conversation_id, subject_of
from chat.events.delivery import ReceiptAcknowledged
from chat.events.lifecycle import ConversationOpened
from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger.append import Command, CompanionRow, Fact, Joins, Named, Opens
from chat.people.match import customer_by_mail
from chat.people.models import Address, Site
from mailgateway import channel


def command(said: MessageSaid, site: Site, *, key: str, rows: tuple[Named, ...], acknowledge: bool, note: str = "") -> Command:
    """`rows` name the mail; they are for the message. `note` is a remark for the agents, such as where the mail may belong."""
    customer = customer_by_mail(site, said.address, said.by)
    conversation = new_conversation_id()
    confirmed = Address.objects.filter(customer=customer, address=said.address.lower(), confirmed_at__isnull=False).exists()
    opened = ConversationOpened(
        by=said.by,
        customer=customer.ref,
        subject=said.subject or subject_of(said.text),
        address=said.address,
        confirmed=confirmed,
        away_after=site.away_after,
    )

    def fact(body: ConversationOpened | MessageSaid | ReceiptAcknowledged | NoteAdded, actor: str, name: str) -> Fact:
        return Fact(conversation=conversation, body=body, actor=actor, channel=channel.NAME, key=name)

    facts = [fact(opened, customer.ref, f"open:{key}"), fact(said, customer.ref, f"mail:{key}")]
    if acknowledge:
        facts.append(fact(ReceiptAcknowledged(of=2, to=said.address), "system", f"receipt:{key}"))
    if note:
        facts.append(fact(NoteAdded(by="Mail gateway", text=note), "system", f"note:{key}"))
    named: tuple[CompanionRow, ...] = tuple(
        Named(conversation=conversation, namespace=row.namespace, value=row.value, fact=1) for row in rows
    )
    return Command(
        facts=tuple(facts),
        opens=Opens(conversation=conversation, site=site.pk, source=channel.NAME, key=key),
        rows=(Joins(conversation=conversation, ref=customer.ref), *named),
    )
