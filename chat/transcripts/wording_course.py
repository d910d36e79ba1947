"""How it reads what became of a conversation: opened, moved, handed over, promised, decided, closed. Knows no format."""

from __future__ import annotations

from chat.events import commitment, decision, disowning, handoff, lifecycle, onward, participants
from chat.transcripts.clock import Clock
from chat.transcripts.reading import Reading, facts, person, read

CONFIRMED = {"reply": "by a reply to our mail", "code": "by a mailed code"}


@read.register
def _(body: lifecycle.ConversationOpened, clock: Clock) -> Reading:
    title = clock.say("{by} opened this conversation", by=body.by or clock.say("A visitor"))
    return Reading(title=title, facts=facts(clock, subject=body.subject, address=body.address, page=body.page), icon="plus")


@read.register
def _(body: lifecycle.CustomerIntroduced, clock: Clock) -> Reading:
    title = clock.say("{by} told how to reach them", by=body.by or clock.say("The visitor"))
    return Reading(title=title, facts=facts(clock, name=body.shown_name, address=body.address))


@read.register
def _(body: lifecycle.AddressConfirmed, clock: Clock) -> Reading:
    title = clock.say("{by} confirmed their address", by=body.by or clock.say("The customer"))
    how = clock.say(CONFIRMED.get(body.how, body.how)) if body.how else ""
    return Reading(title=title, facts=facts(clock, address=body.address, how=how), icon="check")


@read.register
def _(body: disowning.AddressDisowned, clock: Clock) -> Reading:
    title = clock.say("The owner of the address said that it was not them who wrote")
    return Reading(title=title, facts=facts(clock, address=body.address), icon="alert")


@read.register
def _(body: lifecycle.ConversationMoved, clock: Clock) -> Reading:
    return Reading(
        title=clock.say("{by} continued this conversation by another way", by=body.by or clock.say("Somebody")),
        facts=facts(
            clock,
            to=body.address,
            reason=body.reason,
            lines_taken_along=", ".join(map(str, body.lines)),
            the_chat=clock.say("stays open"),
        ),
        icon="mail",
    )


@read.register
def _(body: lifecycle.SubjectChanged, clock: Clock) -> Reading:
    return Reading(
        title=clock.say("{by} changed the subject", by=body.by or clock.say("Somebody")), facts=facts(clock, subject=body.subject)
    )


@read.register
def _(body: lifecycle.ConversationTagged, clock: Clock) -> Reading:
    title = clock.say("{by} set the tags", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, tags=", ".join(body.tags) or clock.say("none")))


@read.register
def _(body: lifecycle.ConversationSnoozed, clock: Clock) -> Reading:
    title = clock.say("{by} put this conversation aside for later", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, until=clock.both(body.until)), icon="clock")


@read.register
def _(body: lifecycle.ConversationWoken, clock: Clock) -> Reading:
    return Reading(title=clock.say("This conversation came back from being put aside"), icon="clock")


@read.register
def _(body: lifecycle.ConversationClosed, clock: Clock) -> Reading:
    return Reading(
        title=clock.say("Closed by {by}", by=body.by or clock.say("somebody")), facts=facts(clock, outcome=body.outcome), icon="check"
    )


@read.register
def _(body: lifecycle.ConversationReopened, clock: Clock) -> Reading:
    title = clock.say("{by} opened this conversation again", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="plus")


@read.register
def _(body: onward.ConversationMerged, clock: Clock) -> Reading:
    by = body.by or clock.say("Somebody")
    title = clock.say("{by} continued this conversation in another one" if body.into else "{by} took another conversation in", by=by)
    return Reading(title=title, facts=facts(clock, other_conversation=body.other, reason=body.reason))


@read.register
def _(body: onward.ConversationContinued, clock: Clock) -> Reading:
    title = clock.say("This goes on in a new conversation" if body.onward else "This goes on from {case}", case=body.case)
    return Reading(title=title, facts=facts(clock, other_conversation=body.other))


@read.register
def _(body: participants.ParticipantJoined, clock: Clock) -> Reading:
    who = body.shown_name or body.address or clock.say("Somebody")
    if body.how == "wrote":
        return Reading(title=clock.say("{who} joined by writing", who=who), facts=facts(clock, address=body.address))
    title = clock.say("{by} put {who} in copy", by=body.by or clock.say("The customer"), who=who)
    return Reading(title=title, facts=facts(clock, address=body.address))


@read.register
def _(body: handoff.HandoffClaimed, clock: Clock) -> Reading:
    return Reading(title=clock.say("{by} looks after this conversation now", by=body.by or clock.say("Somebody")), icon="swap")


@read.register
def _(body: handoff.HandoffOffered, clock: Clock) -> Reading:
    title = clock.say("{by} asked {to} to take over", by=body.by or clock.say("Somebody"), to=body.to_name or clock.say("a colleague"))
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="swap")


@read.register
def _(body: handoff.HandoffAccepted, clock: Clock) -> Reading:
    other = clock.say("A colleague")
    title = clock.say("{first} passed you to {by}", first=body.from_name or other, by=body.by or clock.say("somebody"))
    said = clock.say("{by} can read everything; our promises to you stay.", by=body.by or other)
    return Reading(title=title, said=said, icon="swap")


@read.register
def _(body: handoff.HandoffDeclined, clock: Clock) -> Reading:
    title = clock.say("{by} did not take over", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="swap")


@read.register
def _(body: handoff.HandoffReleased, clock: Clock) -> Reading:
    title = clock.say("{by} gave this conversation back to the team", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="swap")


@read.register
def _(body: commitment.CommitmentMade, clock: Clock) -> Reading:
    of = str(body.of or "")
    found = facts(clock, due=clock.date(body.due), promised_by=body.by, given_in_entry=of)
    return Reading(title=clock.say("Promise made"), said=body.text, facts=found, icon="knot")


@read.register
def _(body: commitment.CommitmentReplaced, clock: Clock) -> Reading:
    found = facts(clock, due=clock.date(body.due), in_place_of_entry=str(body.of), reason=body.reason, promised_by=body.by)
    return Reading(title=clock.say("Promise replaced"), said=body.text, facts=found, icon="knot")


@read.register
def _(body: commitment.CommitmentKept, clock: Clock) -> Reading:
    title = clock.say("Promise of entry {of} kept", of=body.of)
    return Reading(title=title, facts=facts(clock, proof=body.proof, done_by=body.by), icon="check")


@read.register
def _(body: commitment.CommitmentWithdrawn, clock: Clock) -> Reading:
    title = clock.say("Promise of entry {of} withdrawn", of=body.of)
    return Reading(title=title, facts=facts(clock, reason=body.reason, withdrawn_by=body.by), icon="knot")


@read.register
def _(body: decision.DecisionIssued, clock: Clock) -> Reading:
    replaced = str(body.replaces or "")
    return Reading(
        title=clock.say("Final decision"),
        said=body.text,
        facts=facts(clock, why=body.reasons, decided_by=person(clock, body.by, body.role), in_place_of_entry=replaced),
        steps=body.remedies,
        look="decision",
        icon="scale",
    )
