"""The end of records: tell the customer 30 days before, cross the content out on the day, and remove what nobody refers to any more.

Offers no button: the clock and the command `throughline retain` run it. Each record is one or a few commands of its own, so a run that is
cut off anywhere goes on where it stood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import structlog

from chat.actions.facts import MAIL
from chat.events.retention import RetentionCarriedOut, RetentionNoticed
from chat.ledger import copies, cross_out, erase, keeping, replay, retain
from chat.ledger.append import Busy, Command, Fact, Refused, append_sync
from chat.ledger.copies import Gone
from chat.ledger.read import Head
from chat.ledger.retain import Tally
from chat.ledger.state import State
from chat.people import held, uploads
from chat.people.models import Link, Site

log = structlog.get_logger()

SYSTEM = "system"
Told = Callable[[Tally], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A record with something to do: the customer is to be told of the day `until`, or it is over (`until` is 0)."""

    head: Head
    site: Site
    until: int


def due(sites: Mapping[int, Site], *, now: int, tally: Tally) -> Iterator[Due]:
    """What is to be done at `now` (microseconds since 1970), site by site. Counts what it looked at in `tally`."""
    for site in sites.values():
        for head in retain.candidates(site.pk, keep_days=site.keep_days, now=now):
            tally.looked += 1
            until = keeping.notice_until(head.state, keep_days=site.keep_days, now=now)
            if until or keeping.is_over(head.state, keep_days=site.keep_days, now=now):
                yield Due(head=head, site=site, until=until)


def run(sites: Mapping[int, Site], *, now: int = 0, told: Told = lambda _: None) -> Tally:
    """Do all of it; `told` hears how far it is after each record. For threads. Raises Busy if the store is away: run it again."""
    now = now or time.time_ns() // 1000
    tally = Tally()
    for one in due(sites, now=now, tally=tally):
        try:
            if one.until:
                append_sync(notice(one.head, one.until, keep_days=one.site.keep_days, now=now))
                tally.noticed += 1
            else:
                tally.entries += end(one.head, keep_days=one.site.keep_days, now=now)
                tally.ended += 1
        except Busy:
            raise
        except Refused as refusal:  # somebody wrote, or put it on hold, at this very moment
            log.info("record_goes_on", conversation=one.head.conversation, reason=str(refusal))
        except Exception:  # one that fails must not keep the others for ever
            log.exception("record_not_ended", conversation=one.head.conversation)
            tally.failed += 1
        told(tally)
    copies.leave(retain.drop_old_mail(now=now) | uploads.drop_old())
    copies.settle()
    if tally.ended:
        cross_out.scrub()
    return tally


def notice(head: Head, until: int, *, keep_days: int, now: int) -> Command:
    """The customer is told until when the record is kept: by mail if their address is confirmed, and in the chat and the record."""
    state = head.state
    by_mail = bool(state.customer.address) and state.customer.confirmed
    fact = Fact(
        conversation=head.conversation,
        body=RetentionNoticed(until=until),
        actor=SYSTEM,
        channel=MAIL if by_mail else SYSTEM,
        key=f"noticed:{until}",
    )

    def not_yet(state: State) -> None:
        if keeping.notice_until(state, keep_days=keep_days, now=now) != until:
            raise Refused("The record goes on, or the customer was told already.", code="moved")

    return Command(facts=(fact,), expect=not_yet)


def end(head: Head, *, keep_days: int, now: int) -> int:
    """Cross out all content of a record whose time is over; returns in how many entries. Raises Refused if somebody wrote meanwhile."""

    def over(state: State) -> None:
        keeping.not_held(state)
        if not keeping.is_over(state, keep_days=keep_days, now=now):
            raise Refused("The record goes on.", code="moved")

    entries = erase.everything(head.conversation)
    commands = replay.commands(
        head.conversation,
        entries,
        says=lambda part, last: RetentionCarriedOut(entries=replay.named(part), done=last),
        key=lambda part: f"retention:{head.state.keep_from}:{min(part, default=0)}",
        expect=over,
    )
    for command in commands:
        replay.carry_out(command, ground="retention")
    return len(entries)


def _uploads(gone: Gone) -> None:
    uploads.drop(gone.digests)


def _links(gone: Gone) -> None:
    if gone.ended:
        Link.objects.filter(conversation=gone.conversation).delete()


def _held(gone: Gone) -> None:
    if gone.ended:
        held.forget(gone.conversation)


copies.register("uploads", _uploads)
copies.register("links", _links)
copies.register("answers that wait", _held)
copies.register_reference("uploads", uploads.referring)
