"""A colleague passes a customer's mail on from their own mailbox: it opens a case of the one who wrote it, and not of the colleague.

Only for agents whose mail is proven to come from them. The customer's address is not: nothing is confirmed by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from chat.actions.action import AGENTS
from chat.events.talk import MessageSaid
from chat.people.models import Agent
from mailgateway import addresses
from mailgateway.deciding import contents, forwarding
from mailgateway.deciding.opening import Note
from mailgateway.quoting import label_words
from mailgateway.reading.parsed import Mailbox, ParsedMail

PASSED_ON = "passed-on"
"""The step by which such a mail found its conversation."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The customer's words, and what the colleague wrote above them."""

    said: MessageSaid
    note: Note


def agent(sender: str) -> Agent | None:
    """Who of the team writes from this address, if anybody who may act."""
    return Agent.objects.filter(email=sender, is_active=True, role__in=AGENTS).first()


def passed(mail: ParsedMail, inside: ParsedMail | None, by: Agent, *, original: str) -> Passed | None:
    """None if there is no mail of somebody else in it."""
    if inside is not None and _somebody(inside.sender, by):
        said = contents.said(inside, original=original, found_by=PASSED_ON, doubt="forwarded")
        return Passed(said, _note(by, mail.text))
    found = forwarding.passed_on(mail, label_words.LABELS) if forwarding.is_forwarded(mail) else None
    if found is None or not _somebody(found.author, by):
        return None
    theirs = msgspec.structs.replace(mail, sender=found.author, subject=found.subject, text=found.text, html="", to=(), cc=(), date=None)
    said = contents.said(theirs, original=original, found_by=PASSED_ON, doubt="forwarded")
    return Passed(replace(said, outside_id=mail.message_id[:300]), _note(by, found.comment))


def _somebody(author: Mailbox | None, by: Agent) -> bool:
    """Whether a customer can be made of them."""
    if author is None or "@" not in author.address or author.address.lower() == by.email.lower():
        return False
    return not addresses.is_ours(author.address.rpartition("@")[2]) and not addresses.is_nobody(author.address)


def _note(by: Agent, comment: str) -> Note:
    words = f"Passed on by e-mail. {contents.without_links(comment).strip()[:4000]}".strip()
    return Note(text=words, by=by.public_name, actor=by.ref)
