"""How it reads what was done with the record and with mails: opened, saved, crossed out, sent, bounced, withheld. Knows no format."""

from __future__ import annotations

from chat.events import delivery, privacy
from chat.transcripts.clock import Clock
from chat.transcripts.disclosure import GROUNDS_TOLD, TEAM, Withheld
from chat.transcripts.reading import FORMATS, Reading, facts, person, read

AUTOMATIC = {
    "auto_reply": "an automatic reply",
    "challenge": "a filter that asks who we are",
    "receipt": "a receipt that a mail was shown",
    "report": "a report of a mail server",
    "list": "a mail of a list",
    "loop": "a mail of ours that came back",
}
HOW = {"browser": "in a browser known before", "code": "with a mailed code"}
CROSSED = {
    "erasure": "a request for erasure",
    "retention": "the time to keep it is over",
    "mistake": "a mistake",
    "court": "an order of a court",
}


@read.register
def _(body: Withheld, clock: Clock) -> Reading:
    if body.ground == TEAM:
        return Reading(title=clock.say("For the team only"), look="withheld", icon="lock")
    why = clock.say(GROUNDS_TOLD.get(body.ground, body.ground))
    return Reading(title=clock.say("Note of the team, withheld: {ground}", ground=why), look="withheld", icon="lock")


@read.register
def _(body: delivery.MailSent, clock: Clock) -> Reading:
    return _mail(body, clock.say("Entry {of} was sent by e-mail", of=body.of), clock)


@read.register
def _(body: delivery.MailAccepted, clock: Clock) -> Reading:
    return _mail(body, clock.say("The customer's mail server accepted entry {of}", of=body.of), clock)


@read.register
def _(body: delivery.MailDelayed, clock: Clock) -> Reading:
    title = clock.say("Entry {of} could not be delivered yet; it is tried again", of=body.of)
    return _mail(body, title, clock, tries=str(body.attempt))


@read.register
def _(body: delivery.MailBounced, clock: Clock) -> Reading:
    title = clock.say("Entry {of} did not arrive by e-mail", of=body.of)
    because = clock.say(delivery.CAUSES[body.cause]) if body.cause in delivery.CAUSES else ""
    return _mail(body, title, clock, because=because, code=body.status)


@read.register
def _(body: delivery.MailComplained, clock: Clock) -> Reading:
    return _mail(body, clock.say("The mail with entry {of} was called spam", of=body.of), clock)


@read.register
def _(body: delivery.MailPaused, clock: Clock) -> Reading:
    title = clock.say("No more mail goes to this address")
    return Reading(title=title, facts=facts(clock, to=body.to, because=clock.say(delivery.PAUSES.get(body.why, body.why))), icon="mail")


@read.register
def _(body: delivery.MailResumed, clock: Clock) -> Reading:
    title = clock.say("{by} lets mail through to this address again", by=body.by or clock.say("somebody"))
    return Reading(title=title, facts=facts(clock, to=body.to), icon="mail")


def _mail(body: delivery._Outgoing, title: str, clock: Clock, **more: str) -> Reading:
    return Reading(title=title, facts=facts(clock, to=body.to, their_server_said=body.said, **more), icon="mail")


@read.register
def _(body: delivery.LinesMailed, clock: Clock) -> Reading:
    title = clock.say("Lines that were not seen in the chat went by e-mail")
    return Reading(title=title, facts=facts(clock, entries=", ".join(map(str, body.lines)), to=body.to), icon="mail")


@read.register
def _(body: delivery.ReceiptAcknowledged, clock: Clock) -> Reading:
    return Reading(title=clock.say("The receipt of entry {of} was acknowledged", of=body.of), facts=facts(clock, to=body.to), icon="mail")


@read.register
def _(body: delivery.AutomaticReceived, clock: Clock) -> Reading:
    title = clock.say("An automatic mail came in: {what}", what=clock.say(AUTOMATIC.get(body.what, body.what)))
    return Reading(title=title, said=body.text, facts=facts(clock, from_address=body.address, recognised_by=body.evidence), icon="mail")


@read.register
def _(body: privacy.StaffOpened, clock: Clock) -> Reading:
    title = clock.say("Opened by {who}", who=person(clock, body.by, body.role) or clock.say("a member of the team"))
    return Reading(title=title, facts=facts(clock, purpose=body.purpose), look="trace", icon="eye")


@read.register
def _(body: privacy.TranscriptTaken, clock: Clock) -> Reading:
    form = clock.say(FORMATS.get(body.format, body.format))
    title = clock.say("Saved by {by}", by=body.by or clock.say("somebody"))
    return Reading(title=title, facts=facts(clock, saved_as=form, up_to_entry=str(body.upto or "")), look="trace", icon="download")


@read.register
def _(body: privacy.CrossedOut, clock: Clock) -> Reading:
    names = ", ".join(clock.part(name) for name in body.fields)
    ground = clock.say(CROSSED.get(body.ground, body.ground)) if body.ground else ""
    found = facts(clock, what=names, reason=body.reason, ground=ground, crossed_out_by=body.by)
    return Reading(title=clock.say("Entry {of}: crossed out for privacy", of=body.of), facts=found, icon="shield")


@read.register
def _(body: privacy.LinkIssued, clock: Clock) -> Reading:
    title = clock.say("A link to this conversation was made")
    return Reading(title=title, facts=facts(clock, link=body.link, until=clock.both(body.until)), look="trace", icon="link")


@read.register
def _(body: privacy.LinkRedeemed, clock: Clock) -> Reading:
    title = clock.say("{by} opened this conversation with a link", by=body.by or clock.say("The customer"))
    how = clock.say(HOW.get(body.how, body.how)) if body.how else ""
    return Reading(title=title, facts=facts(clock, link=body.link, how=how), look="trace", icon="link")


@read.register
def _(body: privacy.LinkRevoked, clock: Clock) -> Reading:
    title = clock.say("{by} cancelled a link to this conversation", by=body.by or clock.say("The customer"))
    return Reading(title=title, facts=facts(clock, link=body.link), look="trace", icon="link")
