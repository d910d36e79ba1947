"""Decides about one parsed mail: into which conversation, as what, or why not. Reads the ledger and writes nothing but blobs and customers.

The steps stand in docs/mail.md in the same order; each one is a file of its own. The first that says something decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chat.ledger import read
from chat.ledger.received import ASIDE, TAKEN, Arrival
from mailgateway import addresses, automatic, keys, thread
from mailgateway.deciding import bounced, caps, filing, likely, machines, roles
from mailgateway.deciding.item import Item
from mailgateway.deciding.places import Place
from mailgateway.deciding.verdict import Verdict, quarantined, spam
from mailgateway.proof.evidence import Evidence
from mailgateway.reading.parsed import ParsedMail
from mailgateway.setup import probe
from mailgateway.thread import Keys


def sort(arrival: Arrival, raw: bytes, mail: ParsedMail, *, inside: ParsedMail | None = None, checked: Evidence | None = None) -> Verdict:
    """The verdict. `inside` is the mail that is attached to it, if it is one; `checked` what is known of its author, else it is found out.

    Runs on a thread: it reads the database, and DNS where `checked` is left out.
    """
    judged = automatic.classify(mail, envelope_sender=arrival.envelope.get("sender"), own=addresses.own())
    item = Item(arrival, raw, mail, judged, _keys(), inside, checked)
    accepted = arrival.envelope.get("accepted")
    verdict = _seen_before(item, accepted) or (_by_hand(item, accepted) if accepted else _by_rule(item))
    return replace(verdict, glimpse=item.glimpse()) if verdict.state in ASIDE else verdict


def _by_rule(item: Item) -> Verdict:
    return (
        probe.came_back(item)
        or bounced.verdict(item)
        or machines.echo(item)
        or _without_author(item)
        or _too_many(item)
        or _signs_disagree(item)
        or _spam(item)
        or machines.from_machine(item)
        or _disowned(item)
        or _answered(item)
        or _by_subject(item)
        or _altered(item)
        or filing.filed(item, item.left)
    )


def _seen_before(item: Item, accepted: Mapping[str, Any] | None) -> Verdict | None:
    if item.before is None or (item.left and not accepted and not item.found.conflict):
        return None
    return Verdict(state=TAKEN, conversation=item.before, reason="The same mail came before.")


def _by_hand(item: Item, accepted: Mapping[str, Any]) -> Verdict:
    """Somebody looked at it and wants it in: into the conversation it may belong to, or as a new one."""
    head = read.head(int(accepted.get("conversation") or 0))
    place = Place(head=head, site=head.site, step=thread.BY_HAND) if head else next((p for p in item.places if not p.head), None)
    return filing.filed(item, (place or Place(site=item.places[0].site),))


def _without_author(item: Item) -> Verdict | None:
    return None if item.sender else quarantined("It does not say who wrote it.")


def _too_many(item: Item) -> Verdict | None:
    head = item.places[0].head
    reason = caps.too_many(item.sender, head.conversation if head else 0)
    return quarantined(reason, conversation=head.conversation if head else None) if reason else None


def _signs_disagree(item: Item) -> Verdict | None:
    return quarantined(item.found.conflict, conversation=item.found.likely) if item.found.conflict else None


def _spam(item: Item) -> Verdict | None:
    """What a filter calls spam is put apart, unless it bears a sign of ours: no filter knows better who was asked to write."""
    if not item.proof.is_spam or item.found.conversations:
        return None
    score = f" (score {item.proof.spam.score})" if item.proof.spam.score else ""
    return spam(f"The spam filter of the server in front calls it spam{score}.")


def _disowned(item: Item) -> Verdict | None:
    """The domain in its From line asks the world not to believe such a mail."""
    head = item.places[0].head
    return quarantined(item.proof.disowned(), conversation=head.conversation if head else None) if item.proof.forged else None


def _answered(item: Item) -> Verdict | None:
    return filing.filed(item, item.left) if item.found.conversations else None


def _by_subject(item: Item) -> Verdict | None:
    """A case number in the subject is no secret: it counts only when the mail is proven to come from somebody of that case."""
    head = likely.by_case_number(item.mail.subject)
    role = roles.of(head, item.sender) if head else roles.STRANGER
    if head is None or not role.known or role.unasked or not item.proof.aligned:
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
