"""What erasing needs in common: the customer's wish and its end, what a proposal is about, and the alarms that carry it out.

Knows neither pages nor formats. Everything is done by alarms, so that a process that dies leaves it to the next one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext

import structlog

from chat.actions.access import Case
from chat.events.erasure import (
    CrossingAgreed,
    CrossingDeclined,
    CrossingProposed,
    ErasureAsked,
    ErasureCarriedOut,
    ErasureNoticed,
    ErasureRefused,
    ErasureWithdrawn,
)
from chat.events.privacy import TranscriptTaken
from chat.ledger import copies, cross_out, erase, journal, read, replay
from chat.ledger.append import Command, Fact, Refused, append_sync
from chat.ledger.copies import Gone
from chat.ledger.due import register_alarm, system_fact
from chat.ledger.erase import Entries
from chat.ledger.event import Audience
from chat.ledger.keeping import Held, not_held
from chat.ledger.read import Head
from chat.ledger.state import CROSS_OUT, ERASE, SECOND, SWEEP, State
from chat.people import forgotten
from chat.people import held as answers
from chat.transcripts import prepared

log = structlog.get_logger()
_scrubbed = 0
"""When this process began to scrub last; what was crossed out before is gone by then."""

WAIT = 7 * 86_400 * SECOND
"""From the customer's wish until it is carried out."""
MAIL = "email"
MOST = 100_000
"""Records of one person."""


def asked(case: Case, *, words: str, day: str, now: int, key: str) -> Command:
    """The customer wants the record gone: carried out after WAIT, unless taken back, refused or on hold. `day` says when, to people."""
    until = now + WAIT
    by = case.state.customer.name or case.who.name
    facts = [
        Fact(
            conversation=case.conversation,
            body=ErasureAsked(by=by, words=words, until=until),
            actor=case.who.ref,
            channel="system",
            key=f"erase:{key}",
        )
    ]
    if case.state.customer.address:
        noticed = ErasureNoticed(until=until, day=day)
        facts.append(Fact(conversation=case.conversation, body=noticed, actor="system", channel=MAIL, key=f"erase-notice:{key}"))
    return Command(facts=tuple(facts), expect=_not_asked_yet, main=0)


def withdrawn(case: Case, *, key: str) -> Command:
    """The customer takes the wish back. Raises Refused if there is none."""
    wish = case.state.erasing
    if not wish:
        raise Refused("Nothing is to be erased here.")
    by = case.state.customer.name or case.who.name
    body = ErasureWithdrawn(by=by, asked=wish)
    return Command(
        facts=(Fact(conversation=case.conversation, body=body, actor=case.who.ref, channel="system", key=f"keep:{key}"),),
        expect=lambda state: _still(wish, state),
    )


def open_proposal(case: Case, position: int) -> tuple[int, CrossingProposed]:
    """The proposal at this position, if it waits for an answer; for 0 the only one there is. Raises Refused."""
    waiting = case.state.proposals
    position = position or (waiting[0] if len(waiting) == 1 else 0)
    entry = read.entry(case.conversation, position) if position in waiting else None
    if entry is None or not isinstance(entry.body, CrossingProposed):
        raise Refused("There is no such proposal, or it has its answer already.")
    return position, entry.body


def proposed_entries(conversation: int, proposal: CrossingProposed) -> Entries:
    """Everything that goes when this proposal is agreed on: what it names, and what repeats its words in this record."""
    if proposal.person:
        head = read.head(conversation)
        own = head is not None and head.state.customer.ref == proposal.person
        return erase.everything(conversation) if own else erase.of_person(conversation, proposal.person)
    if not proposal.of:
        return erase.everything(conversation)
    return erase.with_quotations(conversation, {proposal.of: proposal.fields})


def _not_asked_yet(state: State) -> None:
    if state.erasing:
        raise Refused("This is asked for already. It can be taken back until it is carried out.")


def _still(wish: int, state: State) -> None:
    if state.erasing != wish:
        raise Refused("This has been decided meanwhile.", code="moved")


def carry_out_wish(found: Head, name: str, key: str) -> Command | None:
    """The wait is over: everything goes, or the customer is told the ground of the hold."""
    state = found.state
    person = state.customer.ref if not state.hold and not _has_more(found) else ""
    try:
        not_held(state)
        _all_of_it(found, ErasureCarriedOut(by="", ground="request", entries={}, asked=state.erasing, person=person, whole=True))
    except Held:  # perhaps at this very moment: whoever asked must hear of it, and may ask again
        held = read.head(found.conversation) or found
        refused = ErasureRefused(by="", asked=state.erasing, ground=held.state.hold or "claims", reason="The record is on hold.")
        return Command(facts=(system_fact(held, refused, key, channel=MAIL if held.state.customer.address else "system"),))
    return None


def carry_out_proposal(found: Head, name: str, key: str) -> Command | None:
    """Two of the team agree: what the proposal is about goes, in this record and where the same customer's other records repeat it."""
    position = int(name.partition(":")[2])
    entry = read.entry(found.conversation, position)
    if entry is None or not isinstance(entry.body, CrossingProposed):
        return None
    proposal = entry.body
    entries = proposed_entries(found.conversation, proposal)
    body = ErasureCarriedOut(
        by=f"{proposal.by} and {_who_agreed(found.conversation, position)}",
        ground=proposal.ground,
        reason=proposal.reason,
        entries={},
        asked=position,
        person=proposal.person,
        whole=not proposal.of and entries == erase.everything(found.conversation),
    )
    words = _words_of(found.conversation, {proposal.of: proposal.fields}) if proposal.of else []
    try:
        _all_of_it(found, body, entries)
    except Held:  # since they agreed; without an answer it would be forgotten
        declined = CrossingDeclined(by="", asked=position, reason="The record was put on hold meanwhile.")
        return Command(facts=(system_fact(found, declined, key),))
    for other in _others(found) if words else ():
        more = erase.with_quotations(other.conversation, {}, also=words)
        if more:
            _all_of_it(
                other, ErasureCarriedOut(by=body.by, ground=body.ground, entries={}, reason="It repeats what was crossed out."), more
            )
    return None


def erase_person(ref: str, *, by: str, ground: str, reason: str) -> None:
    """Take somebody out of every record and table at once, for threads: two people have decided, apart from any record. Raises Refused.

    Again goes on where it was cut off.
    """
    with replay.noting_person(ref, ground=ground):
        for head in read.conversations_of(ref, limit=MOST):
            own = head.state.customer.ref == ref
            entries = erase.everything(head.conversation) if own else erase.of_person(head.conversation, ref)
            if entries:
                body = ErasureCarriedOut(by=by, ground=ground, reason=reason, entries={}, person=ref, whole=own)
                _all_of_it(head, body, entries)
    replay.forget_person(ref)


def note_export(found: Head, *, made_at: int, by: str = "", actor: str = "system") -> int:
    """Record that everything about the person was handed out, and by whom; gives the position up to which. For threads."""
    taken = TranscriptTaken(by=by, format="everything")
    fact = Fact(conversation=found.conversation, body=taken, actor=actor, channel="system", key=f"export:{made_at}")
    return append_sync(Command(facts=(fact,))).position - 1


def finish(found: Head, name: str, key: str) -> None:
    """After the crossing out: what a process that died left of the copies, and what the storage engine still keeps."""
    global _scrubbed
    _forget_copies(_persons(found.conversation))
    if _scrubbed <= found.state.dues.get(SWEEP, 0):
        _scrubbed = time.time_ns() // 1000
        cross_out.scrub()


def _all_of_it(found: Head, body: ErasureCarriedOut, entries: Entries | None = None) -> None:
    """Cross out in as few events as there may be; the last one settles the wish or the proposal."""
    entries = erase.everything(found.conversation) if entries is None else entries

    def still(state: State) -> None:
        not_held(state)
        if body.asked and state.erasing != body.asked and f"{CROSS_OUT}:{body.asked}" not in state.dues:
            raise Refused("Another worker has done it.", code="moved")

    def says(part: Entries, last: bool) -> ErasureCarriedOut:
        return ErasureCarriedOut(
            by=body.by,
            ground=body.ground,
            reason="" if body.whole else body.reason,  # words of somebody about a person are no less personal
            entries=replay.named(part),
            asked=body.asked if last else 0,
            person=body.person if last else "",
            whole=body.whole and last,
        )

    # A key of its own each time: who comes back after a crash finds less to do, and says so in other words.
    with replay.noting_person(body.person, ground=body.ground) if body.person else nullcontext():
        for command in replay.commands(found.conversation, entries, says=says, key=lambda _: f"erased:{journal.new_id()}", expect=still):
            replay.carry_out(command, ground=body.ground)
    _forget_copies([body.person] if body.person else [])
    log.info("erased", conversation=found.conversation, entries=len(entries), ground=body.ground)


def _forget_copies(persons: Sequence[str]) -> None:
    copies.settle()
    for ref in persons:
        replay.forget_person(ref)


def _has_more(found: Head) -> bool:
    """Whether other records of the same customer still hold something of theirs."""
    return any(erase.everything(other.conversation) for other in _others(found))


def _others(found: Head) -> list[Head]:
    ref = found.state.customer.ref
    return [head for head in read.conversations_of(ref, limit=MOST) if head.conversation != found.conversation]


def _words_of(conversation: int, entries: Entries) -> list[str]:
    near = erase.stored(conversation, after=min(entries) - 1, upto=max(entries))
    words = [entry.values.get(name) for entry in near for name in entries.get(entry.position, ()) if name in ("text", "subject")]
    return [word for word in words if isinstance(word, str)]


def _who_agreed(conversation: int, proposal: int) -> str:
    for entry in read.events(conversation, audience=Audience.AGENTS, after=proposal):
        if isinstance(entry.body, CrossingAgreed) and entry.body.asked == proposal:
            return entry.body.by
    return "a second person"


def _persons(conversation: int) -> Sequence[str]:
    found = read.events(conversation, audience=Audience.AGENTS)
    return [e.body.person for e in found if isinstance(e.body, ErasureCarriedOut) and e.body.person]


def _unprepared(gone: Gone) -> None:
    prepared.forget(gone.conversation)


def _forget(ref: str) -> None:
    for head in read.conversations_of(ref, limit=MOST):
        if head.state.customer.ref == ref:
            answers.forget(head.conversation)  # what was about to be said to them
    copies.leave(forgotten.forget(ref))


copies.register("prepared archives", _unprepared)
register_alarm(ERASE, carry_out_wish)
register_alarm(CROSS_OUT, carry_out_proposal)
register_alarm(SWEEP, finish)
replay.register_person(_forget)
replay.register_since(forgotten.since)
