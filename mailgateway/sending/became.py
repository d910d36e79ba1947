"""What became of one mail of ours, as the record says it: the event, the state of its delivery, and the mail as it left. Sends nothing."""

from __future__ import annotations

import structlog

from chat.events.delivery import MailBounced, MailDelayed, MailSent
from chat.ledger import blobs
from chat.ledger.append import Command, Fact, Named, Told
from chat.ledger.deliveries import BOUNCED, DELAYED, Parcel
from chat.ledger.event import Kind
from mailgateway import channel, known_mails, originals
from mailgateway.reports import bounce_reasons, bounce_text
from mailgateway.send import Outcome
from mailgateway.sending.writing import Outgoing

log = structlog.get_logger()


def command(parcel: Parcel, mail: Outgoing | None, outcome: Outcome, *, not_before: int, original: str, to: str = "") -> Command:
    """The event that says it, with its rows. The same attempt again is the same event. `to` is for what became no mail."""
    fact = Fact(
        conversation=parcel.conversation,
        body=_body(parcel, mail.to if mail else to, outcome, original, left=mail is not None),
        actor="system",
        channel=channel.NAME,
        key=f"mail:{parcel.id}:{parcel.attempt}:{outcome.state}",
    )
    told = Told(delivery=parcel.id, state=outcome.state, not_before=not_before)
    known_as = [mail.identifier, known_mails.given_by_relay(outcome.said)] if mail else []
    named = [Named(conversation=parcel.conversation, namespace=known_mails.BY_MESSAGE_ID, value=name) for name in known_as if name]
    return Command(facts=(fact,), rows=(told, *named))


def given_up(parcel: Parcel, *, to: str, by: str, name: str) -> Command:
    """Somebody decided that it is tried no more: the event names them."""
    body = MailBounced(of=parcel.position, to=to, said=f"Given up by {name} after {parcel.attempt} attempts.")
    key = f"mail:{parcel.id}:given-up"
    fact = Fact(conversation=parcel.conversation, body=body, actor=by, channel=channel.NAME, key=key)
    return Command(facts=(fact,), rows=(Told(delivery=parcel.id, state=BOUNCED, not_before=0),))


def kept(mail: Outgoing) -> str:
    """The digest of the very mail that left, as it is kept. Without room for it the record says only that it was sent."""
    try:
        return blobs.store(originals.clean(mail.raw))
    except OSError as problem:
        log.warning("sent_mail_not_kept", conversation=mail.conversation, problem=type(problem).__name__)
        return ""


def _body(parcel: Parcel, to: str, outcome: Outcome, original: str, *, left: bool) -> Kind:
    if outcome.state == DELAYED:
        return MailDelayed(of=parcel.position, to=to, said=outcome.said, attempt=parcel.attempt)
    if outcome.state == BOUNCED:
        # What was given up here, before any server said something, has a sentence and no code.
        code = bounce_text.status("", outcome.said) if left else ""
        cause = bounce_reasons.reason(code, outcome.said) if left else ""
        return MailBounced(of=parcel.position, to=to, said=outcome.said, hard=cause in bounce_reasons.HARD, status=code, cause=cause)
    return MailSent(of=parcel.position, to=to, said=outcome.said, original=original)
