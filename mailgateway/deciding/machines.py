"""Mail that machines sent is noted in its conversation for the agents, and does nothing else there: no answer, no reopening, no clock.

So is our own mail that comes back. What belongs to no conversation is set aside where people see it.
"""

from __future__ import annotations

from chat.events.delivery import AutomaticReceived
from chat.ledger import read
from chat.ledger.append import Command, Fact
from chat.ledger.read import Head
from mailgateway import automatic, channel, known_mails, message_id
from mailgateway.deciding import caps, contents
from mailgateway.deciding.item import Item
from mailgateway.deciding.verdict import Verdict, quarantined, taken
from mailgateway.message_id import Sent

MAX_NOTE = 4000
_WITNESS = "throughline-seal"
"""A field that only our own mails have, and answers to them have not."""


def echo(item: Item) -> Verdict | None:
    """Our own mail that came back: by the Message-ID we gave it, by our header, or by our name."""
    evidence, conversation = _own(item)
    if not evidence:
        return None
    head = read.head(conversation) if conversation else item.places[0].head
    if head is None:
        return quarantined(f"Our own mail came back ({evidence}), and belongs to no conversation.")
    return noted(item, head, what=automatic.LOOP, evidence=evidence)


def from_machine(item: Item) -> Verdict | None:
    """An away note, a receipt, a challenge or another notice."""
    what, evidence = item.judged.kind, item.judged.evidence
    if what not in automatic.MACHINES:
        return None
    head = item.places[0].head
    if head is None:
        return quarantined(f"An automatic mail ({evidence}) that belongs to no conversation.")
    return noted(item, head, what=what, evidence=evidence)


def noted(item: Item, head: Head, *, what: str, evidence: str) -> Verdict:
    """The command for the note, or why there are enough of them."""
    if not caps.notes.allows(str(head.conversation)):
        return quarantined(
            "More automatic mail came into one conversation within an hour than is noted there.", conversation=head.conversation
        )
    body = note(item, what=what, evidence=evidence)
    fact = Fact(conversation=head.conversation, body=body, actor="system", channel=channel.NAME, key=f"mail:{item.key}")
    return taken(Command(facts=(fact,), rows=known_mails.names(item.key, "", head.conversation)), evidence)


def note(item: Item, *, what: str, evidence: str) -> AutomaticReceived:
    return AutomaticReceived(
        what=what,
        evidence=evidence,
        text=contents.without_links(item.mail.text)[:MAX_NOTE],
        address=item.sender[:254],
        original=item.arrival.digest,
    )


def _own(item: Item) -> tuple[str, int]:
    """By which sign it is ours, and its conversation if the sign says so."""
    sent = message_id.read(item.mail.message_id, item.keys.identifier)
    if isinstance(sent, Sent):
        return "Message-ID", sent.conversation
    if _WITNESS in item.mail.signals:
        return "our own header", 0
    # Our words alone are no sign: people copy the reference of their case to the top of what they write.
    return (item.judged.evidence, 0) if item.judged.kind == automatic.LOOP else ("", 0)
