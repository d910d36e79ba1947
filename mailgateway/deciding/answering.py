"""A mail joins a conversation that is there: as the words of somebody who takes part, with doubts named; or, from a machine, as a note.

A From line alone proves nothing: without a reply tag issued to its author, or proof of their domain, the words count with a doubt. A
stranger gets no access to the conversation, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from django.utils import timezone

from chat.events.lifecycle import AddressConfirmed
from chat.events.talk import MessageSaid
from chat.ledger.append import Command, Fact, Named
from chat.ledger.event import Kind
from chat.ledger.read import Head
from chat.people.models import Address, Site
from mailgateway import channel
from mailgateway.addressee import number_of
from mailgateway.deciding import contents, joining, roles
from mailgateway.deciding.joining import Circle
from mailgateway.deciding.places import Place
from mailgateway.deciding.roles import Role
from mailgateway.proof.evidence import Evidence
from mailgateway.reading.parsed import Mailbox, ParsedMail
from mailgateway.thread import ADDRESSED, Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A mail and the conversation it goes into."""

    place: Place
    head: Head
    mail: ParsedMail
    original: str
    key: str
    rows: tuple[Named, ...]
    proof: Evidence
    trail: Trail
    person: bool
    """False for mail that lists or machines passed on."""


def command(answer: Answer) -> tuple[Command, Callable[[], None] | None]:
    """The command, and what is to be done once it is written."""
    state, site = answer.head.state, Site.objects.get(pk=answer.head.site)
    role = roles.of(answer.head, address_of(answer.mail))
    said, tagged = message(answer, role)
    actor = role.ref or joining.ref_of(site, Mailbox(said.by, said.address))
    facts = [_fact(answer.head, said, actor, f"mail:{answer.key}")]
    circle = Circle(conversation=answer.head.conversation, site=site, key=answer.key, customer=state.customer, others=state.others)
    if answer.person and role.known and not said.doubt:
        facts += joining.in_copy(circle, answer.mail, said, actor)
    elif answer.person and not role.known:
        facts += joining.by_writing(circle, said, actor)
    afterwards = None
    # An address is proven by an answer to the tag that was issued to it, from it, proven to be of its domain, and written by a person.
    own = role.main and not state.customer.confirmed and said.address.lower() == state.customer.address.lower()
    if own and tagged and answer.proof.aligned and answer.person and not said.doubt:
        confirmed = AddressConfirmed(by=said.by, address=state.customer.address, how="reply")
        facts.append(_fact(answer.head, confirmed, actor, f"confirmed:{answer.key}"))
        afterwards = partial(_note_confirmed, actor, said.address.lower())
    return Command(facts=tuple(facts), rows=answer.rows), afterwards


def message(answer: Answer, role: Role) -> tuple[MessageSaid, bool]:
    """The words with what is to be doubted about them, and whether they answer the tag that was issued to their author."""
    place = answer.place
    tagged = place.step in ADDRESSED and role.known and number_of(role.ref) == place.addressee
    doubt = _doubt(answer, role, tagged=tagged)
    return proven(contents.said(answer.mail, original=answer.original, found_by=place.step, doubt=doubt), answer.proof), tagged


def proven(said: MessageSaid, proof: Evidence) -> MessageSaid:
    """The words with how it was proven who wrote them."""
    return replace(said, proof=proof.proof())


def address_of(mail: ParsedMail) -> str:
    """The author's address in lower case."""
    return contents.sender(mail).address.lower()


def _doubt(answer: Answer, role: Role, *, tagged: bool) -> str:
    """The most serious doubt about a mail; empty if it has the tag that only its author was given, or is proven to be of their domain."""
    if not role.known:
        return "unconfirmed"
    if answer.trail.forged:
        return "altered"
    failed = answer.proof.dkim == "fail" or answer.proof.dmarc == "fail"
    # Nobody vouched for those who wrote without being asked; an agent who writes to them does.
    vouched = (tagged and not failed) or (answer.proof.aligned and not role.unasked)
    if not vouched:
        return "unconfirmed"
    return "forwarded" if answer.trail.forwarded else ""


def _note_confirmed(ref: str, address: str) -> None:
    # The mailbox is proven, the browser is not: somebody may have typed another person's address into the chat. So a visitor is not
    # made the one to whom that person's later mails belong; for that the visitor needs a code.
    typed = Address.objects.filter(customer_id=number_of(ref), customer__visitor__isnull=True, address=address, confirmed_at__isnull=True)
    typed.update(confirmed_at=timezone.now())


def _fact(head: Head, body: Kind, actor: str, key: str) -> Fact:
    return Fact(conversation=head.conversation, body=body, actor=actor, channel=channel.NAME, key=key)
