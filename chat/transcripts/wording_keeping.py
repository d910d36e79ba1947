"""How it reads how long a record is kept, and what was erased from it before or after: on whose wish, on what ground. Knows no format."""

from __future__ import annotations

from collections.abc import Mapping

from chat.events import erasure, retention
from chat.transcripts.clock import Clock
from chat.transcripts.reading import Reading, facts, read

MASKED = {"card number": "card number"}
"""What is masked by rule; what a site masks besides stands under the site's own name."""


@read.register
def _(body: retention.RetentionNoticed, clock: Clock) -> Reading:
    title = clock.say("The customer was told that this is kept until {day}", day=clock.plain_date(body.until))
    return Reading(title=title, icon="clock")


@read.register
def _(body: retention.RetentionExtended, clock: Clock) -> Reading:
    title = clock.say("Kept longer, until {day}", day=clock.plain_date(body.until))
    return Reading(title=title, facts=facts(clock, reason=body.reason, at_the_wish_of=body.by), icon="clock")


@read.register
def _(body: retention.RetentionCarriedOut, clock: Clock) -> Reading:
    title = clock.say("The time to keep this record is over: its content was crossed out")
    return Reading(title=title, facts=facts(clock, entries=_entries(body.entries)), icon="shield")


@read.register
def _(body: retention.HoldSet, clock: Clock) -> Reading:
    title = clock.say("{by} put this record on hold", by=body.by or clock.say("Somebody"))
    ground = clock.say(retention.HOLD_GROUNDS.get(body.ground, body.ground)) if body.ground else ""
    return Reading(title=title, facts=facts(clock, reason=body.reason, ground=ground), icon="lock")


@read.register
def _(body: retention.HoldReleased, clock: Clock) -> Reading:
    title = clock.say("{by} released the hold of this record", by=body.by or clock.say("Somebody"))
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="lock")


@read.register
def _(body: erasure.ErasureAsked, clock: Clock) -> Reading:
    title = clock.say("{by} asked for this record to be erased", by=body.by or clock.say("The customer"))
    day = clock.plain_date(body.until) if body.until else ""
    return Reading(title=title, said=body.words, facts=facts(clock, erased_on=day), icon="shield")


@read.register
def _(body: erasure.ErasureNoticed, clock: Clock) -> Reading:
    title = clock.say("The customer was told that everything in this record will be erased on {day}", day=clock.plain_date(body.until))
    return Reading(title=title, icon="clock")


@read.register
def _(body: erasure.ErasureWithdrawn, clock: Clock) -> Reading:
    title = clock.say("{by} took the wish to be erased back", by=body.by or clock.say("The customer"))
    return Reading(title=title, facts=facts(clock, wish_of_entry=str(body.asked or "")), icon="shield")


@read.register
def _(body: erasure.ErasureRefused, clock: Clock) -> Reading:
    grounds = {**retention.HOLD_GROUNDS, **erasure.REFUSALS}
    ground = clock.say(grounds.get(body.ground, body.ground)) if body.ground else ""
    told = facts(clock, ground=ground, reason=body.reason, refused_by=body.by, wish_of_entry=str(body.asked or ""))
    said = clock.say("You may complain to the data protection authority.")
    return Reading(title=clock.say("The wish to erase this record was refused"), said=said, facts=told, icon="shield")


@read.register
def _(body: erasure.CrossingProposed, clock: Clock) -> Reading:
    title = clock.say("{by} proposed to cross out content", by=body.by or clock.say("Somebody"))
    of, fields, ground = str(body.of or ""), ", ".join(body.fields), _ground(body.ground, clock)
    told = facts(clock, entry=of, fields=fields, person=body.person, ground=ground, reason=body.reason)
    return Reading(title=title, facts=told, icon="shield")


@read.register
def _(body: erasure.CrossingAgreed, clock: Clock) -> Reading:
    title = clock.say("{by} agreed to cross out what entry {of} says", by=body.by or clock.say("Somebody"), of=body.asked)
    return Reading(title=title, icon="shield")


@read.register
def _(body: erasure.CrossingDeclined, clock: Clock) -> Reading:
    title = clock.say("{by} declined to cross out what entry {of} says", by=body.by or clock.say("Somebody"), of=body.asked)
    return Reading(title=title, facts=facts(clock, reason=body.reason), icon="shield")


@read.register
def _(body: erasure.ErasureCarriedOut, clock: Clock) -> Reading:
    title = clock.say("The content of the whole record was crossed out" if body.whole else "Content was crossed out for privacy")
    told = facts(
        clock,
        entries=_entries(body.entries),
        ground=_ground(body.ground, clock),
        reason=body.reason,
        decided_by=body.by,
        person=body.person,
        wish_of_entry=str(body.asked or ""),
    )
    return Reading(title=title, facts=told, icon="shield")


@read.register
def _(body: erasure.ArrivalMasked, clock: Clock) -> Reading:
    of = clock.say("Numbers in entry {of} were masked when it came in", of=body.of) if body.of else ""
    what = ", ".join(clock.say(MASKED.get(each, each)) for each in body.what)
    mail = clock.say("masked too, so that its signature no longer fits") if body.raw else ""
    return Reading(
        title=of or clock.say("Numbers in the entry before this one were masked when it came in"),
        facts=facts(clock, masked=what, the_mail=mail),
        icon="shield",
    )


def _ground(code: str, clock: Clock) -> str:
    return clock.say(erasure.GROUNDS.get(code, code)) if code else ""


def _entries(entries: Mapping[str, tuple[str, ...]]) -> str:
    """4 (text), 7 (text, signature): what lost which fields."""
    return ", ".join(f"{position} ({', '.join(name.replace('_', ' ') for name in names)})" for position, names in entries.items())
