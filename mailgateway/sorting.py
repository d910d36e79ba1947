"""Decides about one parsed mail: into which conversation, as what, or why not. Reads the ledger and writes nothing but blobs and customers.

The steps stand in docs/mail.md in the same order; each one is a file of its own. The first that says something decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.ledger import read
from chat.ledger.received import TAKEN, Arrival
from mailgateway import addresses, answering, automatic, bounced, caps, filing, keys, likely, message_id, roles, thread
from mailgateway.item import Item
from mailgateway.known_mails import BY_MESSAGE_ID as BY_MESSAGE_ID
from mailgateway.message_id import Sent
from mailgateway.parsed import ParsedMail
from mailgateway.places import Place
from mailgateway.thread import Keys
from mailgateway.verdict import Verdict, dropped, quarantined, taken

MACHINES = frozenset({"auto_reply", "report"})


def sort(arrival: Arrival, raw: bytes, mail: ParsedMail, *, inside: ParsedMail | None = None) -> Verdict:
    """The verdict. `inside` is the mail that is attached to it, if it is one. Runs on a thread: it reads the database and DNS."""
    judged = automatic.classify(mail, envelope_sender=arrival.envelope.get("sender"), own=addresses.own())
    item = Item(arrival, raw, mail, judged, _keys(), inside)
    accepted = arrival.envelope.get("accepted")
    return _own_echo(item) or _seen_before(item, accepted) or (_by_hand(item, accepted) if accepted else _by_rule(item))


def _by_rule(item: Item) -> Verdict:
    return (
        _about_our_mail(item)
        or _without_author(item)
        or _too_many(item)
        or _signs_disagree(item)
        or _from_machine(item)
        or _disowned(item)
        or _answered(item)
        or _by_subject(item)
        or _altered(item)
        or filing.filed(item, item.left)
    )


def _own_echo(item: Item) -> Verdict | None:
    if isinstance(message_id.read(item.mail.message_id, item.keys.identifier), Sent):
        return dropped("Our own mail came back.")
    return None


def _seen_before(item: Item, accepted: Mapping[str, Any] | None) -> Verdict | None:
    if item.before is None or (item.left and not accepted and not item.found.conflict):
        return None
    return Verdict(state=TAKEN, conversation=item.before, reason="The same mail came before.")


def _by_hand(item: Item, accepted: Mapping[str, Any]) -> Verdict:
    """Somebody looked at it and wants it in: into the conversation it may belong to, or as a new one."""
    head = read.head(int(accepted.get("conversation") or 0))
    place = Place(head=head, site=head.site, step=thread.BY_HAND) if head else next((p for p in item.places if not p.head), None)
    return filing.filed(item, (place or Place(site=item.places[0].site),))


def _about_our_mail(item: Item) -> Verdict | None:
    """Our own mail that came back, and what other servers report about it."""
    what = item.judged.kind
    if what == "loop":
        return dropped(f"Our own mail came back ({item.judged.evidence}).")
    if what in ("bounce", "delay"):
        return bounced.verdict(item.judged, thread.bounce_of(item.recipients, item.judged.bounce.original_id, item.keys), key=item.key)
    return None


def _without_author(item: Item) -> Verdict | None:
    return None if item.sender else quarantined("It does not say who wrote it.")


def _too_many(item: Item) -> Verdict | None:
    return (
        None if caps.mails.allows(item.sender) else quarantined("More mail came from this address within an hour than one person writes.")
    )


def _signs_disagree(item: Item) -> Verdict | None:
    return quarantined(item.found.conflict, conversation=item.found.likely) if item.found.conflict else None


def _from_machine(item: Item) -> Verdict | None:
    if item.judged.kind not in MACHINES:
        return None
    head = item.places[0].head
    if head is None:
        return quarantined(f"An automatic mail ({item.judged.evidence}) that belongs to no conversation.")
    return taken(answering.note_automatic(head, item.mail, item.judged, key=item.key, original=item.arrival.digest))


def _disowned(item: Item) -> Verdict | None:
    """The domain in its From line asks the world not to believe such a mail."""
    head = item.places[0].head
    return quarantined(f"{item.proof.words()}.", conversation=head.conversation if head else None) if item.proof.forged else None


def _answered(item: Item) -> Verdict | None:
    return filing.filed(item, item.left) if item.found.conversations else None


def _by_subject(item: Item) -> Verdict | None:
    """A case number in the subject is no secret: it counts only when the mail is proven to come from somebody of that case."""
    head = likely.by_case_number(item.mail.subject)
    if head is None or not roles.of(head, item.sender).known or not item.proof.aligned:
        return None
    return filing.filed(item, (Place(head=head, site=head.site, step=thread.BY_CASE_NUMBER),))


def _altered(item: Item) -> Verdict | None:
    """A sign of ours that is not as we made it, and nothing else that says where the mail belongs."""
    if not item.found.trail.forged:
        return None
    head = likely.conversation(item.mail.subject, item.sender)
    reason = "Its reply address, or its reference to a mail of ours, is not as we made it, and nothing else says where it belongs."
    return quarantined(reason, conversation=head.conversation if head else None)


def _keys() -> Keys:
    return Keys(keys.reply(), keys.identifier(), keys.envelope(), keys.marker())
