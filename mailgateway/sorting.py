"""Decides about one parsed mail: into which conversation, as what, or why not. Reads the ledger and writes nothing but blobs and customers.

Calls for the steps of the decision in order; each step is a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.ledger import read
from chat.ledger.append import Named
from chat.ledger.keeping import is_gone
from chat.ledger.read import Head
from chat.ledger.received import TAKEN, Arrival
from chat.people.models import Site
from mailgateway import addresses, answering, automatic, bounced, caps, contents, evidence, keys, message_id, opening, thread
from mailgateway.automatic import Automatic
from mailgateway.message_id import Sent
from mailgateway.parsed import ParsedMail
from mailgateway.thread import Keys, Trail
from mailgateway.verdict import Verdict, dropped, quarantined, taken

BY_MAIL_KEY, BY_MESSAGE_ID = "mail", "message-id"
"""Namespaces of outside names: our key of a mail that was taken in, and the Message-ID it came with."""
MACHINES = frozenset({"auto_reply", "report"})
_NOBODY = re.compile(r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?)([+@.-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One mail on the sorting table."""

    arrival: Arrival
    raw: bytes
    mail: ParsedMail
    key: str
    judged: Automatic
    trail: Trail

    @property
    def envelope(self) -> Mapping[str, Any]:
        return self.arrival.envelope

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.envelope.get("recipients", ()))


def sort(arrival: Arrival, raw: bytes, mail: ParsedMail) -> Verdict:
    """The verdict. Runs on a thread: it reads the database and, rarely, DNS."""
    key = contents.key_of(mail, raw)
    before = known(key)
    if before is not None:
        return Verdict(state=TAKEN, conversation=before, reason="The same mail came before.")
    ours = _keys()
    if isinstance(message_id.read(mail.message_id, ours.identifier), Sent):
        return dropped("Our own mail came back.")
    judged = automatic.classify(mail, envelope_sender=arrival.envelope.get("sender"), own=addresses.own())
    recipients = tuple(arrival.envelope.get("recipients", ()))
    trail = thread.follow(mail, recipients, keys=ours, bases=[base.name for base in addresses.bases()], known=_stored)
    item = Item(arrival, raw, mail, key, judged, trail)
    accepted = arrival.envelope.get("accepted")
    return _by_hand(item, accepted) if accepted else _by_rule(item, ours)


def known(key: str) -> int | None:
    """The conversation that holds the mail with this key, if it was taken in before."""
    found = read.named(BY_MAIL_KEY, [key]).get(key)
    return found[0] if found else None


def names(item_key: str, identifier: str, conversation: int) -> tuple[Named, ...]:
    """The rows by which the mail and answers to it are recognised from now on."""
    rows = [Named(conversation=conversation, namespace=BY_MAIL_KEY, value=item_key)]
    if identifier and len(identifier) <= 300:
        rows.append(Named(conversation=conversation, namespace=BY_MESSAGE_ID, value=identifier))
    return tuple(rows)


def _by_rule(item: Item, ours: Keys) -> Verdict:
    what = item.judged.kind
    if what == "loop":
        return dropped(f"Our own mail came back ({item.judged.evidence}).")
    if what in ("bounce", "delay"):
        return bounced.verdict(item.judged, thread.bounce_of(item.recipients, item.judged.bounce.original_id, ours), key=item.key)
    sender = contents.sender(item.mail).address.lower()
    if not sender:
        return quarantined("It does not say who wrote it.")
    if not caps.mails.allows(sender):
        return quarantined("More mail came from this address within an hour than one person writes.")
    head = _conversation(item.trail)
    if head is not None and item.trail.disagree:
        reason = "Its address and its references name different conversations."
        return quarantined(reason, conversation=head.conversation)
    if what in MACHINES:
        if head is None:
            return quarantined(f"An automatic mail ({item.judged.evidence}) that belongs to no conversation.")
        return taken(answering.note_automatic(head, item.mail, item.judged, key=item.key, original=item.arrival.digest))
    if head is not None:
        found = item.trail.found
        return _answer(item, head, found.step if found else thread.NEW, addressee=found.addressee if found else 0)
    return _by_subject(item) or _new(item)


def _answer(item: Item, head: Head, step: str, *, addressee: int = 0) -> Verdict:
    rows = names(item.key, item.mail.message_id, head.conversation)
    answer = answering.Answer(head=head, mail=item.mail, raw=item.raw, original=item.arrival.digest, key=item.key, rows=rows)
    command, afterwards = answering.command(answer, item.trail, step=step, addressee=addressee, person=not item.judged)
    return taken(command, step, afterwards=afterwards)


def _by_subject(item: Item) -> Verdict | None:
    """A case number in the subject is no secret: it counts only when the mail is proven to come from the customer of that case."""
    head, _ = _case_in_subject(item)
    if head is None or contents.sender(item.mail).address.lower() != head.state.customer.address.lower():
        return None
    if not evidence.of(item.raw, contents.sender(item.mail).address).dkim_aligned:
        return None
    return _answer(item, head, thread.BY_CASE_NUMBER)


def _new(item: Item) -> Verdict:
    place = Site.objects.filter(pk=addresses.site_of((*item.recipients, *item.mail.delivered_to))).first()
    if place is None:
        return quarantined("There is no site yet for which this mail could be.")
    sender = contents.sender(item.mail).address.lower()
    acknowledge = place.acknowledge and not item.judged and not _NOBODY.match(sender) and caps.acknowledgements.allows(sender)
    _, case = _case_in_subject(item)
    note = f"This mail names {case} in its subject and may belong there, but nothing proves it." if case else ""
    said = contents.said(item.mail, original=item.arrival.digest, found_by=thread.NEW, doubt="altered" if item.trail.altered else "")
    rows = names(item.key, item.mail.message_id, 0)
    return taken(opening.command(said, place, key=item.key, rows=rows, acknowledge=acknowledge, note=note), thread.NEW)


def _by_hand(item: Item, accepted: Mapping[str, Any]) -> Verdict:
    """Somebody looked at it and wants it in: into the conversation it may belong to, or as a new one."""
    head = read.head(int(accepted.get("conversation") or 0))
    return _answer(item, head, thread.BY_HAND) if head is not None else _new(item)


def _conversation(trail: Trail) -> Head | None:
    """The first sign whose conversation is here; where it was merged into another one, that one. None for a record whose content is gone:
    nobody could be answered in it, so the mail opens a conversation of its own."""
    for hit in trail.hits:
        head = read.head(hit.conversation)
        if head is not None:
            onward = head.state.merged_into
            head = (read.head(int(onward)) or head) if onward.isdigit() else head
            return None if is_gone(head.state) else head
    return None


def _case_in_subject(item: Item) -> tuple[Head | None, str]:
    subject = item.mail.subject[:500]
    for site in Site.objects.order_by("pk"):
        found = re.search(rf"\b{re.escape(site.prefix)}-([0-9]{{1,12}})\b", subject, re.IGNORECASE)
        head = read.by_number(site.pk, int(found[1])) if found else None
        if found and head is not None:
            return head, site.case(head.number)
    return None, ""


def _stored(identifiers: Sequence[str]) -> dict[str, int]:
    return {value: place[0] for value, place in read.named(BY_MESSAGE_ID, list(identifiers)).items()}


def _keys() -> Keys:
    return Keys(keys.reply(), keys.identifier(), keys.envelope(), keys.marker())
