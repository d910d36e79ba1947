"""A report about a mail of ours becomes an event of that mail's conversation: it never opens one, and changes no queue but that of bounces.

What is reported again and again about an address pauses it.
"""

from __future__ import annotations

from chat.events.delivery import MailAccepted, MailBounced, MailComplained, MailDelayed
from chat.ledger import deliveries
from chat.ledger.append import Command, Fact, Told
from chat.ledger.event import Kind
from chat.people import pausing
from mailgateway import automatic, channel, known_mails
from mailgateway.deciding import caps, contents, machines, returned, unreached
from mailgateway.deciding.item import Item
from mailgateway.deciding.returned import Found
from mailgateway.deciding.verdict import Verdict, quarantined, taken

MAX_WORDS = 500


def verdict(item: Item) -> Verdict | None:
    """None for mail that is no report of a delivery."""
    if item.judged.kind not in automatic.OF_DELIVERY:
        return None
    found = returned.find(item)
    if found is None:
        return quarantined(f"A report ({item.judged.evidence}) about a mail that nobody here knows.")
    body, state = _body(item, found)
    if not state and not caps.notes.allows(str(found.parcel.conversation)):
        reason = "More reports came about one conversation within an hour than are noted."
        return quarantined(reason, conversation=found.parcel.conversation)
    rows = (Told(delivery=found.parcel.id, state=state),) if state else ()
    facts = [_fact(found, body, f"mail:{item.key}"), *_paused(item, found, body)]
    names = known_mails.names(item.key, "", found.parcel.conversation)
    if state == deliveries.ACCEPTED:
        pausing.arrived(found.site, found.address)
    return taken(Command(facts=tuple(facts), rows=(*rows, *names)), item.judged.evidence)


def _body(item: Item, found: Found) -> tuple[Kind, str]:
    """What it says, and the state of our mail from now on if it changes."""
    report, complaint = item.judged.bounce, item.judged.complaint
    parcel, original = found.parcel, item.arrival.digest
    to = report.recipient or found.address
    code = "" if report.status in report.diagnostic else report.status
    said = " ".join(part for part in (code, report.diagnostic) if part)[:MAX_WORDS] or item.judged.evidence
    if complaint is not None:
        if not complaint.serious:
            return machines.note(item, what=automatic.REPORT, evidence=item.judged.evidence), ""
        words = contents.without_links(item.mail.text).strip()[:MAX_WORDS]
        to = complaint.recipient or found.address
        return MailComplained(of=parcel.position, to=to, said=words, feedback=complaint.feedback, original=original), ""
    # What was known to be lost before may be reported once more, and a delay after the arrival: it is kept, and changes nothing.
    if parcel.state == deliveries.BOUNCED or (report.delayed and parcel.state == deliveries.ACCEPTED):
        return machines.note(item, what=automatic.REPORT, evidence=item.judged.evidence), ""
    # That somebody has it now is believed only of a report that knows our mail.
    if report.delivered and not found.proven:
        return machines.note(item, what=automatic.REPORT, evidence=item.judged.evidence), ""
    if report.delivered:
        return MailAccepted(of=parcel.position, to=to, said=said), deliveries.ACCEPTED
    if report.delayed:
        # It changes nothing here: their server goes on trying, ours is done with it.
        return MailDelayed(of=parcel.position, to=to, said=said, attempt=parcel.attempt), ""
    bounced = MailBounced(
        of=parcel.position, to=to, said=said, hard=report.hard, status=report.status, cause=report.reason, original=original
    )
    return bounced, deliveries.BOUNCED


def _paused(item: Item, found: Found, body: Kind) -> list[Fact]:
    # Where only the address speaks for it, anybody could stop the mail to somebody else.
    if not found.proven:
        return []
    return unreached.counted(found.site, found.address, body, conversation=found.parcel.conversation, key=item.key)


def _fact(found: Found, body: Kind, key: str) -> Fact:
    return Fact(conversation=found.parcel.conversation, body=body, actor="system", channel=channel.NAME, key=key)
