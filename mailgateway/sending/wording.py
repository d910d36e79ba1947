"""What an event says in a mail: one small function for each kind that says it in a way of its own; any other kind is told by its sentence.

Pure; knows no letter's frame and no sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from chat.events.decision import DecisionIssued
from chat.events.delivery import LinesMailed, ReceiptAcknowledged
from chat.events.lifecycle import ConversationClosed, ConversationMoved
from chat.events.privacy import LinkMailed
from chat.events.retention import RetentionNoticed
from chat.events.talk import MessageSaid
from chat.ledger.event import AttachmentRef
from chat.ledger.read import Entry
from chat.ledger.state import State
from chat.transcripts.clock import Clock
from chat.transcripts.wording import reading
from mailgateway.sending.letter import Line
from mailgateway.sending.letter_words import ENGLISH, say

_WE_GO_ON = "We will go on with you by e-mail. The chat stays open."


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The part of a letter that is about its event."""

    lines: tuple[Line, ...] = ()
    opening: str = ""
    signer: str = ""
    """Empty: the site itself."""
    automatic: str = ""
    """The Auto-Submitted word of RFC 3834; empty for what a person wrote."""
    files: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What a wording may look at besides its event: entries by position, and the state."""

    entries: dict[int, Entry]
    state: State
    case_number: str
    language: str = ENGLISH

    def say(self, text: str, /, **values: object) -> str:
        return say(self.language, text, **values)


def line_of(entry: Entry) -> Line | None:
    """A message as a line, or None for what is no message or is crossed out."""
    body = entry.body
    if not isinstance(body, MessageSaid) or (not body.text and not body.attachments):
        return None
    names = tuple(file.name for file in body.attachments)
    return Line(who=body.by, at=entry.at, channel=entry.channel, text=body.text, attachments=names)


def lines_at(positions: Sequence[int], around: Around) -> tuple[Line, ...]:
    """What we said at these positions; events that are no messages (a promise, a decision) in the words they have in a mail."""
    entries = [around.entries[position] for position in positions if position in around.entries]
    return tuple(line_of(entry) or _told(entry, around) for entry in entries)


def _told(entry: Entry, around: Around) -> Line:
    said = wording(entry.body, entry, around)
    return Line(who=said.signer, at=entry.at, channel=entry.channel, text=said.opening)


def day_of(at: int, language: str = ENGLISH) -> str:
    """A day in UTC, as 5 May 2027; empty for 0."""
    return Clock(language=language).plain_date(at) if at else ""


@singledispatch
def wording(body: object, entry: Entry, around: Around) -> Said:
    """The fallback: what the record says of it, and the text if the event has one."""
    text = str(entry.values.get("text", ""))
    sentence = entry.sentence if around.language == ENGLISH else reading(entry, Clock(language=around.language)).title
    return Said(opening="\n".join(part for part in (sentence, text) if part), signer=str(entry.values.get("by", "")))


@wording.register
def _(body: MessageSaid, entry: Entry, around: Around) -> Said:
    line = line_of(entry)
    return Said(lines=(line,) if line else (), signer=body.by, files=body.attachments)


@wording.register
def _(body: LinesMailed, entry: Entry, around: Around) -> Said:
    lines = lines_at(body.lines, around)
    return Said(lines=lines, opening=around.say("This was written in the chat after you left."), signer=lines[-1].who if lines else "")


@wording.register
def _(body: ConversationMoved, entry: Entry, around: Around) -> Said:
    lines = lines_at(body.lines, around)
    if around.state.is_customer(entry.actor):
        opening = around.say("You asked to go on by e-mail. Our answers come to this address from now on, and the chat stays open.")
        return Said(lines=lines, opening=opening, signer=lines[-1].who if lines else "", automatic="" if lines else "auto-generated")
    reason = "\n" + around.say("Reason: {reason}", reason=body.reason) if body.reason else ""
    who = "{name} will go on with you by e-mail. The chat stays open." if body.by else _WE_GO_ON
    return Said(lines=lines, opening=around.say(who, name=body.by) + reason, signer=body.by)


@wording.register
def _(body: ReceiptAcknowledged, entry: Entry, around: Around) -> Said:
    arrived = "Your e-mail has arrived and is kept under the number {case}. A person will read it and answer you here."
    opening = around.say(arrived, case=around.case_number), around.say("To add something, just answer this e-mail.")
    return Said(opening="\n".join(opening), automatic="auto-replied")


@wording.register
def _(body: DecisionIssued, entry: Entry, around: Around) -> Said:
    remedies = "".join(f"\n- {remedy}" for remedy in body.remedies)
    then = f"\n\n{around.say('If you disagree:')}{remedies}" if remedies else ""
    said = f"{around.say('Final decision')}\n{body.text}\n\n{around.say('Reasons')}\n{body.reasons}{then}"
    return Said(opening=said, signer=body.by)


@wording.register
def _(body: ConversationClosed, entry: Entry, around: Around) -> Said:
    said = [around.say("We have closed this conversation.")]
    if body.outcome:
        said.append(around.say("Outcome: {outcome}", outcome=body.outcome))
    said.append(around.say("Answer this e-mail at any time to open it again."))
    return Said(opening="\n".join(said), signer=body.by)


@wording.register
def _(body: LinkMailed, entry: Entry, around: Around) -> Said:
    said = "You asked for a link to your record. It opens everything that was said and done here: read it, save it in any form, pass it on."
    return Said(opening=around.say(said), automatic="auto-generated")


@wording.register
def _(body: RetentionNoticed, entry: Entry, around: Around) -> Said:
    end = "We keep the record of {case} until {day}. Then everything that was said in it is removed for good, with its files."
    keep = "If you want to keep it, open your record before that day: save it there, or choose to have it kept longer."
    day = day_of(body.until, around.language)
    opening = around.say(end, case=around.case_number, day=day), around.say(keep)
    return Said(opening="\n".join(opening), automatic="auto-generated")
