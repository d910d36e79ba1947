"""A report about a mail of ours becomes an event of that mail's conversation. It never opens one."""

from __future__ import annotations

from chat.events.delivery import MailBounced, MailDelayed
from chat.ledger import deliveries, read
from chat.ledger.append import Command, Fact, Told
from mailgateway import channel
from mailgateway.automatic import Automatic
from mailgateway.message_id import Sent
from mailgateway.verdict import Verdict, dropped, taken

MAX_WORDS = 500


def verdict(judged: Automatic, sent: Sent | None, *, key: str) -> Verdict:
    """`sent` is the mail the report is about, by the address it came back to or by a signed Message-ID in it."""
    report = judged.bounce
    if sent is None:
        return dropped("A report about a mail that we did not send.")
    parcel = deliveries.of(sent.conversation, sent.position, channel.NAME)
    entry = read.entry(sent.conversation, sent.position)
    if parcel is None or entry is None:
        return dropped("A report about a mail that nobody here knows any more.")
    if parcel.state == deliveries.BOUNCED:
        return dropped("That mail was known to have bounced before.", conversation=sent.conversation)
    said = " ".join(part for part in (report.status, report.diagnostic) if part)[:MAX_WORDS] or judged.evidence
    body: MailBounced | MailDelayed
    if report.delayed:
        body = MailDelayed(of=sent.position, to=report.recipient, said=said, attempt=parcel.attempt)
    else:
        body = MailBounced(of=sent.position, to=report.recipient, said=said)
    # A report of delay changes nothing here: their server goes on trying, ours is done with it.
    rows = () if report.delayed else (Told(delivery=parcel.id, state=deliveries.BOUNCED),)
    fact = Fact(conversation=sent.conversation, body=body, actor="system", channel=channel.NAME, key=f"mail:{key}")
    return taken(Command(facts=(fact,), rows=rows), judged.evidence)
