"""How it reads what people and the assistant said: messages, notes, calls, answers to the survey. Knows no format."""

from __future__ import annotations

from chat.events import bot, call, survey, talk
from chat.events.authorship import SENTENCES, Authorship
from chat.transcripts.clock import Clock
from chat.transcripts.reading import Reading, facts, read

DOUBTS = {
    "unconfirmed": "The sender could not be confirmed",
    "altered": "The reply address was altered on the way",
    "forwarded": "Forwarded by somebody else",
}
PASSED = {"asked": "The customer wanted a person", "unsure": "The assistant was not sure", "failed": "The assistant failed"}
MISSED = {"no_answer": "Nobody answered", "busy": "The line was busy", "rejected": "The call was refused", "failed": "The call failed"}
CAUSES = {"policy": "the rules", "product": "the product", "help": "the help", "waiting": "the waiting", "other": "something else"}


@read.register
def _(body: talk.MessageSaid, clock: Clock) -> Reading:
    return Reading(
        title=body.by,
        said=body.text,
        facts=facts(
            clock,
            subject=body.subject,
            from_address=body.address,
            to=", ".join(body.to),
            copy_to=", ".join(body.cc),
            also_to=", ".join(body.also_names),
            dated=clock.both(body.sent_at) if body.sent_at else "",
            sender_check=_checked(body.proof, clock),
            note=clock.say(DOUBTS.get(body.doubt, body.doubt)) if body.doubt else "",
        ),
        folded=facts(clock, quoted_text=body.quoted, signature=body.signature),
        files=body.attachments,
        look="message",
        icon="chat",
    )


def _checked(proof: str, clock: Clock) -> str:
    """How it was proven who wrote a mail, and the results in the words of the trade."""
    found = Authorship.read(proof)
    if found is None:
        return ""
    results = ", ".join(f"{method.upper()} {result}" for method, result in found.results)
    return f"{clock.say(SENTENCES[found.code], about=found.about)} ({results})"


@read.register
def _(body: talk.NoteAdded, clock: Clock) -> Reading:
    title = clock.say("Note of the team, by {by}", by=body.by or clock.say("somebody"))
    return Reading(title=title, said=body.text, files=body.attachments, look="note", icon="note")


@read.register
def _(body: talk.MessageSeen, clock: Clock) -> Reading:
    title = clock.say("{by} has seen everything up to entry {upto}", by=body.by or clock.say("Somebody"), upto=body.upto)
    return Reading(title=title, look="trace", icon="eye")


@read.register
def _(body: bot.BotAnswered, clock: Clock) -> Reading:
    sources = ", ".join(body.sources) or clock.say("no named source")
    return Reading(
        title=body.by or clock.say("Assistant"), said=body.text, facts=facts(clock, automated_from=sources), look="message", icon="bot"
    )


@read.register
def _(body: bot.BotPassed, clock: Clock) -> Reading:
    title = clock.say("{by} passed the customer on to a person", by=body.by or clock.say("Assistant"))
    why = clock.say(PASSED.get(body.reason, body.reason)) if body.reason else ""
    return Reading(title=title, said=body.summary, facts=facts(clock, reason=why), icon="bot")


@read.register
def _(body: call.CallAsked, clock: Clock) -> Reading:
    title = clock.say("{by} asked to be called", by=body.by or clock.say("The customer"))
    return Reading(title=title, facts=facts(clock, number=body.number, when=body.wish), icon="phone")


@read.register
def _(body: call.CallBooked, clock: Clock) -> Reading:
    title = clock.say("{by} booked a call", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, when=clock.both(body.when), number=body.number, with_whom=body.with_name), icon="phone")


@read.register
def _(body: call.CallStarted, clock: Clock) -> Reading:
    title = clock.say("{by} called {other}", by=body.by or clock.say("Somebody"), other=body.with_name or clock.say("somebody"))
    return Reading(title=title, facts=facts(clock, number=body.number), icon="phone")


@read.register
def _(body: call.CallEnded, clock: Clock) -> Reading:
    length = clock.duration(body.seconds)
    return Reading(title=clock.say("Call of entry {of} ended after {length}", of=body.of, length=length), said=body.summary, icon="phone")


@read.register
def _(body: call.CallMissed, clock: Clock) -> Reading:
    title = clock.say("{by} called and reached nobody", by=body.by or clock.say("Somebody"))
    why = clock.say(MISSED.get(body.why, body.why)) if body.why else ""
    return Reading(title=title, facts=facts(clock, number=body.number, reason=why), icon="phone")


@read.register
def _(body: call.CallRecorded, clock: Clock) -> Reading:
    title = clock.say("Recording of the call of entry {of}", of=body.of)
    agreed = clock.both(body.consent_at) if body.consent_at else ""
    return Reading(title=title, said=body.text, facts=facts(clock, consent_given=agreed), files=body.attachments, icon="phone")


@read.register
def _(body: survey.SurveyAsked, clock: Clock) -> Reading:
    return Reading(title=clock.say("The customer was asked whether this helped"), said=body.question, icon="star")


@read.register
def _(body: survey.SurveyAnswered, clock: Clock) -> Reading:
    title = clock.say(
        "{by} answered that this helped" if body.helped else "{by} answered that this did not help", by=body.by or clock.say("The customer")
    )
    cause = clock.say(CAUSES.get(body.cause, body.cause)) if body.cause else ""
    return Reading(title=title, said=body.text, facts=facts(clock, cause=cause), icon="star")
