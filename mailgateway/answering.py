"""A mail joins a conversation that is there: as the customer's words, with doubts named; or, from a machine, as a note of what came.

A stranger becomes no participant, so that whoever holds a forwarded mail sees nothing of the conversation. A From line alone proves
nothing: without a reply tag issued to this customer or a DKIM signature of their domain, the words count as theirs with a doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from chat.events.delivery import AutomaticReceived
from chat.events.lifecycle import AddressConfirmed
from chat.ledger.append import Command, Fact, Named
from chat.ledger.event import Kind
from chat.ledger.read import Head
from chat.people.match import customer_by_mail
from chat.people.models import Address, Site
from mailgateway import channel, contents, evidence, thread
from mailgateway.authentication import Authentication
from mailgateway.automatic import Automatic
from mailgateway.parsed import ParsedMail
from mailgateway.thread import Trail

BY_TAG = frozenset({thread.BY_ADDRESS, thread.BY_DELIVERED_TO, thread.BY_RECIPIENTS})
MAX_NOTE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A mail and the conversation it goes into."""

    head: Head
    mail: ParsedMail
    raw: bytes
    original: str
    key: str
    rows: tuple[Named, ...]


def command(answer: Answer, trail: Trail, *, step: str, addressee: int, person: bool) -> tuple[Command, Callable[[], None] | None]:
    """The command, and what is to be done once it is written. `person` is False for mail that lists or machines passed on."""
    state = answer.head.state
    sender = contents.sender(answer.mail).address.lower()
    theirs = _is_customers(answer.head, sender)
    tagged = step in BY_TAG and state.customer.ref == f"customer:{addressee}"
    signature = evidence.of(answer.raw, sender) if theirs else Authentication()
    doubt = _doubt(trail, theirs=theirs, tagged=tagged, signature=signature)
    actor = state.customer.ref if theirs else _stranger(answer)
    said = contents.said(answer.mail, original=answer.original, found_by=step, doubt=doubt)
    facts = [_fact(answer.head, said, actor, f"mail:{answer.key}")]
    afterwards = None
    # An address is proven by an answer to the tag that was issued to it, from it, signed by its domain, and written by a person.
    own = not state.customer.confirmed and sender == state.customer.address.lower()
    if own and tagged and signature.dkim_aligned and person and not doubt:
        confirmed = AddressConfirmed(by=said.by, address=state.customer.address, how="reply")
        facts.append(_fact(answer.head, confirmed, actor, f"confirmed:{answer.key}"))
        afterwards = partial(_note_confirmed, actor, sender)
    return Command(facts=tuple(facts), rows=answer.rows), afterwards


def note_automatic(head: Head, mail: ParsedMail, judged: Automatic, *, key: str, original: str) -> Command:
    """An out-of-office or a report: the agents see it, nobody answers it, no queue moves."""
    body = AutomaticReceived(
        what=judged.kind,
        evidence=judged.evidence,
        text=contents.without_links(mail.text)[:MAX_NOTE],
        address=contents.sender(mail).address[:254],
        original=original,
    )
    return Command(
        facts=(_fact(head, body, "system", f"mail:{key}"),),
        rows=(Named(conversation=head.conversation, namespace="mail", value=key),),
    )


def _is_customers(head: Head, sender: str) -> bool:
    """Whether this address is one that the conversation's customer gave us."""
    customer = head.state.customer
    if not sender:
        return False
    if sender == customer.address.lower():
        return True
    number = customer.ref.partition(":")[2]
    return number.isdigit() and Address.objects.filter(customer_id=int(number), address=sender, confirmed_at__isnull=False).exists()


def _doubt(trail: Trail, *, theirs: bool, tagged: bool, signature: Authentication) -> str:
    """The most serious doubt about a mail; empty if it has the tag that only this customer was given, or is signed by their domain."""
    if not theirs:
        return "unconfirmed"
    if trail.altered:
        return "altered"
    vouched = signature.dkim_aligned or (tagged and signature.dkim != "fail")
    if not vouched:
        return "unconfirmed"
    return "forwarded" if trail.forwarded else ""


def _stranger(answer: Answer) -> str:
    box = contents.sender(answer.mail)
    site = Site.objects.get(pk=answer.head.site)
    return customer_by_mail(site, box.address, box.name[:120]).ref


def _note_confirmed(ref: str, address: str) -> None:
    # The mailbox is proven, the browser is not: somebody may have typed another person's address into the chat. So a visitor is not
    # made the one to whom that person's later mails belong; for that the visitor needs a code.
    number = int(ref.partition(":")[2])
    typed = Address.objects.filter(customer_id=number, customer__visitor__isnull=True, address=address, confirmed_at__isnull=True)
    typed.update(confirmed_at=timezone.now())


def _fact(head: Head, body: Kind, actor: str, key: str) -> Fact:
    return Fact(conversation=head.conversation, body=body, actor=actor, channel=channel.NAME, key=key)
