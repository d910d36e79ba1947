"""The mails of a conversation before this one, as its References name them. Reads the ledger; knows no letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chat.events.delivery import MailSent
from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.event import Audience
from chat.ledger.read import Entry, Head
from mailgateway import addressee
from mailgateway.addressee import Addressee

FIRST = 20
"""Entries at the beginning of a conversation in which its first mail is looked for."""

Identifier = Callable[[int, int, int], str]
"""Makes the Message-ID of ours from conversation, position and addressee."""


def of(head: Head, near: list[Entry], to: Addressee, identifier: Identifier) -> list[str]:
    """Message-IDs in the order of their mails, theirs and ours to this addressee, up to the latest of theirs, because it is answered.

    As mail programs do it (RFC 5322 section 3.6.4): two answers to one mail have the same References.
    """
    first = near[0].position if near else 0
    early = read.events(head.conversation, audience=Audience.EVERYONE, upto=first - 1, limit=FIRST) if first > 1 else ()
    ids, theirs = _named(head, [*early, *near], to, identifier)
    return ids[: ids.index(theirs) + 1] if theirs else ids


def _named(head: Head, entries: Iterable[Entry], to: Addressee, identifier: Identifier) -> tuple[list[str], str]:
    found: list[str] = []
    theirs = ""
    for entry in entries:
        body = entry.body
        if isinstance(body, MessageSaid) and body.outside_id and body.outside_id not in found:
            found.append(body.outside_id)
            theirs = body.outside_id
        elif isinstance(body, MailSent) and _number(head, body.to) == to.number:
            found.append(identifier(head.conversation, body.of, to.number))
    return found, theirs


def _number(head: Head, address: str) -> int:
    """Who got a mail that went to this address: somebody in copy, or else the customer, who may have had another address then."""
    refs = (ref for ref, person in head.state.others.items() if person.address == address and address != head.state.customer.address)
    return addressee.number_of(next(refs, head.state.customer.ref))
