"""How an entry reads on paper and on the record page: a title, what was said, labelled facts, files. Knows no format and no audience.

A kind that has no reading of its own is shown by its sentence and its plain text fields, so a new kind needs nothing here.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import singledispatch
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from chat.events import bot, call, commitment, decision, delivery, handoff, lifecycle, privacy, survey, talk
from chat.ledger.event import AttachmentRef, Unknown
from chat.ledger.read import Entry
from chat.transcripts.clock import Clock

CHANNELS = {"widget": "in chat", "email": "by e-mail", "phone": "by phone"}
"""Channels in a reader's words; an agent's own room and the system are not worth a word."""
LINES = {"email": "mail", "phone": "call"}
"""Which style of line an entry hangs on; the chat's is the plain one."""
ROLES = {"lead": "team lead", "admin": "administrator"}
FORMATS = {"html": "web page", "json": "data (JSON)", "text": "plain text"}
"""Names of roles and of formats as entries hold them, in a reader's words; one that is not here stands as it is."""


class Reading(Struct, frozen=True, kw_only=True):
    """One entry as it is read. `look` is message, note, event (binds or changes something), decision, or trace (who saw what)."""

    title: str
    said: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    folded: tuple[tuple[str, str], ...] = ()
    """Quoted history and signatures: kept, but out of the way."""
    files: tuple[AttachmentRef, ...] = ()
    look: str = "event"
    icon: str = "list"
    steps: tuple[str, ...] = ()
    """What can be done against a decision."""
    way: str = ""
    """The channel in words, for messages."""
    line: str = ""
    """mail | call | bot | empty for the chat: the style of the line."""
    crossed_out: tuple[str, ...] = ()
    """Names of fields that were crossed out."""


def reading(entry: Entry, clock: Clock) -> Reading:
    """The entry in words, with times in the clock's zone."""
    read = _read(entry.body, clock)
    line = "bot" if entry.actor.startswith("bot:") else LINES.get(entry.channel, "")
    crossed = tuple(name.replace("_", " ") for name in entry.crossed_out)
    return replace(read, way=CHANNELS.get(entry.channel, ""), line=line, crossed_out=crossed, title=read.title or "Somebody")


def _facts(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if pair[1])


@singledispatch
def _read(body: Any, clock: Clock) -> Reading:
    plain = {} if not is_dataclass(body) or isinstance(body, Unknown) else {f.name: getattr(body, f.name) for f in fields(body)}
    if isinstance(body, Unknown):
        plain = dict(body.values)
    facts = [
        (name.replace("_", " ").capitalize(), value)
        for name, value in plain.items()
        if isinstance(value, str) and name not in ("by", "text")
    ]
    return Reading(title=body.sentence().rstrip("."), said=str(plain.get("text") or ""), facts=_facts(*facts))


@_read.register
def _(body: talk.MessageSaid, clock: Clock) -> Reading:
    doubt = {
        "unconfirmed": "The sender could not be confirmed",
        "altered": "The reply address was altered on the way",
        "forwarded": "Forwarded by somebody else",
    }.get(body.doubt, body.doubt)
    return Reading(
        title=body.by,
        said=body.text,
        facts=_facts(("Subject", body.subject), ("Note", doubt)),
        folded=_facts(("Quoted text", body.quoted), ("Signature", body.signature)),
        files=body.attachments,
        look="message",
        icon="chat",
    )


@_read.register
def _(body: talk.NoteAdded, clock: Clock) -> Reading:
    return Reading(title=f"Note of the team, by {body.by}", said=body.text, files=body.attachments, look="note", icon="note")


@_read.register
def _(body: talk.MessageSeen, clock: Clock) -> Reading:
    return Reading(title=body.sentence().rstrip("."), look="trace", icon="eye")


@_read.register
def _(body: lifecycle.ConversationOpened, clock: Clock) -> Reading:
    return Reading(
        title=f"{body.by or 'A visitor'} opened this conversation",
        facts=_facts(("Subject", body.subject), ("Address", body.address), ("Page", body.page)),
        icon="plus",
    )


@_read.register
def _(body: lifecycle.ConversationMoved, clock: Clock) -> Reading:
    return Reading(
        title=f"{body.by or 'Somebody'} continued this conversation by another way",
        facts=_facts(("To", body.address), ("Reason", body.reason), ("The chat", "stays open")),
        icon="mail",
    )


@_read.register
def _(body: lifecycle.ConversationClosed, clock: Clock) -> Reading:
    return Reading(title=f"Closed by {body.by or 'somebody'}", facts=_facts(("Outcome", body.outcome)), icon="check")


@_read.register
def _(body: handoff.HandoffOffered, clock: Clock) -> Reading:
    title = f"{body.by or 'Somebody'} asked {body.to_name or 'a colleague'} to take over"
    return Reading(title=title, facts=_facts(("Reason", body.reason)), icon="swap")


@_read.register
def _(body: handoff.HandoffAccepted, clock: Clock) -> Reading:
    title = f"{body.from_name or 'A colleague'} passed you to {body.by or 'somebody'}"
    return Reading(title=title, said=f"{body.by or 'They'} can read everything; our promises to you stay.", icon="swap")


@_read.register
def _(body: commitment.CommitmentMade, clock: Clock) -> Reading:
    return Reading(title="Promise made", said=body.text, facts=_facts(("By", clock.date(body.due)), ("Owner", body.by)), icon="knot")


@_read.register
def _(body: commitment.CommitmentReplaced, clock: Clock) -> Reading:
    facts = _facts(("By", clock.date(body.due)), ("In place of entry", str(body.of)), ("Reason", body.reason), ("Owner", body.by))
    return Reading(title="Promise replaced", said=body.text, facts=facts, icon="knot")


@_read.register
def _(body: commitment.CommitmentKept, clock: Clock) -> Reading:
    return Reading(title=f"Promise of entry {body.of} kept", facts=_facts(("Proof", body.proof), ("Done by", body.by)), icon="check")


@_read.register
def _(body: commitment.CommitmentWithdrawn, clock: Clock) -> Reading:
    return Reading(title=f"Promise of entry {body.of} withdrawn", facts=_facts(("Reason", body.reason), ("By", body.by)), icon="knot")


@_read.register
def _(body: decision.DecisionIssued, clock: Clock) -> Reading:
    decided = ", ".join(filter(None, (body.by, ROLES.get(body.role, body.role))))
    return Reading(
        title="Final decision",
        said=body.text,
        facts=_facts(("Why", body.reasons), ("Decided by", decided)),
        steps=body.remedies,
        look="decision",
        icon="scale",
    )


@_read.register
def _(body: delivery._Outgoing, clock: Clock) -> Reading:
    return Reading(title=body.sentence().rstrip("."), facts=_facts(("To", body.to), ("Their server said", body.said)), icon="mail")


@_read.register
def _(body: bot.BotAnswered, clock: Clock) -> Reading:
    facts = _facts(("Automated, from", ", ".join(body.sources) or "no named source"))
    return Reading(title=body.by or "Assistant", said=body.text, facts=facts, look="message", icon="bot")


@_read.register
def _(body: call.CallBooked, clock: Clock) -> Reading:
    facts = _facts(("When", clock.full(body.when)), ("Number", body.number), ("With", body.with_name))
    return Reading(title=body.sentence().rstrip("."), facts=facts, icon="phone")


@_read.register
def _(body: call.CallEnded, clock: Clock) -> Reading:
    length = f"{body.seconds // 60} min {body.seconds % 60} s"
    return Reading(title=f"Call ended after {length}", said=body.summary, icon="phone")


@_read.register
def _(body: call.CallRecorded, clock: Clock) -> Reading:
    facts = _facts(("Consent given", clock.exact(body.consent_at)))
    return Reading(title="Recording of the call", said=body.text, facts=facts, files=body.attachments, icon="phone")


@_read.register
def _(body: survey.SurveyAnswered, clock: Clock) -> Reading:
    answer = "Yes" if body.helped else "No"
    return Reading(title=f"Did this help? {answer}", said=body.text, facts=_facts(("Cause", body.cause)), icon="star")


@_read.register
def _(body: privacy.StaffOpened, clock: Clock) -> Reading:
    opener = ", ".join(filter(None, (body.by, ROLES.get(body.role, body.role))))
    return Reading(title=f"Opened by {opener or 'a member of the team'}", facts=_facts(("Purpose", body.purpose)), icon="eye")


@_read.register
def _(body: privacy.TranscriptTaken, clock: Clock) -> Reading:
    facts = _facts(("As", FORMATS.get(body.format, body.format)), ("Up to entry", str(body.upto or "")))
    return Reading(title=f"Saved by {body.by or 'somebody'}", facts=facts, icon="download")


@_read.register
def _(body: privacy.CrossedOut, clock: Clock) -> Reading:
    facts = _facts(("Fields", ", ".join(body.fields)), ("Reason", body.reason), ("Ground", body.ground), ("By", body.by))
    return Reading(title=f"Entry {body.of}: crossed out for privacy", facts=facts, icon="shield")


@_read.register
def _(body: privacy.RetentionNoticed, clock: Clock) -> Reading:
    return Reading(title=f"You were told that this is kept until {clock.plain_date(body.until)}", icon="clock")


@_read.register
def _(body: privacy.RetentionExtended, clock: Clock) -> Reading:
    return Reading(
        title=f"Kept longer, until {clock.plain_date(body.until)}", facts=_facts(("Reason", body.reason), ("By", body.by)), icon="clock"
    )


@_read.register(privacy.LinkIssued)
@_read.register(privacy.LinkRedeemed)
@_read.register(privacy.LinkRevoked)
def _(body: privacy.LinkIssued | privacy.LinkRedeemed | privacy.LinkRevoked, clock: Clock) -> Reading:
    return Reading(title=body.sentence().rstrip("."), facts=_facts(("Link", body.link)), icon="link")
