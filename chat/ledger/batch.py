"""One group commit as pure data: from waiting commands and loaded heads to the rows that are to be written.

Engines load and write; here guards are evaluated, events folded in sequence, positions and times assigned, and everything sealed.
Knows no SQL and no engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from chat.ledger import seal
from chat.ledger.append import (
    Command,
    Crosses,
    Fact,
    Fired,
    Joins,
    KeyConflict,
    Named,
    NoSuchConversation,
    Receipt,
    Told,
    Written,
    digest_of_name,
)
from chat.ledger.event import SENTENCE, Audience, Stamp
from chat.ledger.routes import intents
from chat.ledger.state import State


@dataclass(slots=True)
class Head:
    """Where a conversation stands while a batch is put together."""

    site: int
    number: int
    position: int = 0
    seal: bytes = seal.GENESIS
    at: int = 0
    state: State = field(default_factory=State)
    fresh: bool = False
    """True if this batch opens it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that is already there under the same key: to answer a repeated command with, or to refuse another content."""

    conversation: int
    position: int
    at: int
    kind: str
    body: str


class EventRow(NamedTuple):
    """A row of the events' table: the tuple is in the order of columns.EVENT_COLUMNS."""

    conversation: int
    site: int
    position: int
    kind: str
    kind_version: int
    actor: str
    channel: str
    audience: str
    disclose: str
    at: int
    key: str
    key_salt: bytes
    header: bytes = b""
    digests: str = ""
    body: str = ""
    seal: bytes = b""


@dataclass(slots=True)
class Rows:
    """Everything one commit writes. Tuples follow the column order that the engines use."""

    events: list[EventRow] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    """What each event says, beside `events`: for those who show it at once."""
    openings: list[tuple[int, str, str, int]] = field(default_factory=list)
    participants: list[tuple[int, str]] = field(default_factory=list)
    names: list[tuple[str, str, int, int]] = field(default_factory=list)
    deliveries: list[tuple[int, int, str, str, int, int]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    dues_set: dict[tuple[int, str], int] = field(default_factory=dict)
    dues_gone: set[tuple[int, str]] = field(default_factory=set)
    attachments: list[tuple[int, int, int, str, str]] = field(default_factory=list)
    crossings: list[tuple[Crosses, int]] = field(default_factory=list)
    """What is crossed out, and the position of the privacy event that says so."""
    touched: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Known:
    """What the engine found: heads by conversation, openings by (site, source, key), events by (conversation, actor, key)."""

    heads: dict[int, Head]
    openings: dict[tuple[int, str, str], int]
    events: dict[tuple[int, str, str], Stored]
    next_number: Callable[[int], int]
    """Gives the next case number of a site."""


Outcome = Receipt | Exception
_HEADING = EventRow._fields.index("header")
_EMPTY = frozenset({'""', "0", "false", "[]", "{}", "null"})
"""Canonical forms of the empty values."""


def put_together(commands: Iterable[Command], known: Known, *, now: int) -> tuple[list[Outcome], Rows]:
    """Decide every command in order. A refused command leaves no trace; the others see its predecessors' events.

    `now` is in microseconds since 1970.
    """
    rows = Rows()
    outcomes: list[Outcome] = []
    for command in commands:
        try:
            outcomes.append(_decide(command, known, rows, now))
        except Exception as refusal:
            outcomes.append(refusal)
    return outcomes, rows


def _decide(command: Command, known: Known, rows: Rows, clock: int) -> Receipt:
    facts = command.facts
    opens = command.opens
    if opens is not None:
        first = known.openings.get((opens.site, opens.source, opens.key))
        if first is not None and first != opens.conversation:
            facts = tuple(_moved(fact, opens.conversation, first) for fact in facts)
    again = _written_before(facts, known, command.main)
    if again is not None:
        return again
    if opens is not None and facts is not command.facts:
        raise KeyConflict("This conversation was opened before with another first message.")

    heads: dict[int, Head] = {}
    for fact in facts:
        if fact.conversation in heads:
            continue
        head = known.heads.get(fact.conversation)
        if opens is not None and fact.conversation == opens.conversation:
            if head is not None:
                raise KeyConflict("This conversation id is taken.")
            head = Head(site=opens.site, number=0, fresh=True)
        if head is None:
            raise NoSuchConversation("There is no such conversation.")
        heads[fact.conversation] = head
    if command.expect is not None:
        command.expect(*(head.state for head in heads.values()))

    # Nothing of `known` or `rows` changes before everything that can fail has been done.
    drafts = {cid: Head(h.site, h.number, h.position, h.seal, h.at, h.state, h.fresh) for cid, h in heads.items()}
    events = [_seal(fact, drafts[fact.conversation], clock) for fact in facts]
    staged = [(fact, row, intents(fact.body, row, drafts[fact.conversation].state)) for fact, row in zip(facts, events, strict=True)]
    if opens is not None:
        drafts[opens.conversation].number = known.next_number(opens.site)
        rows.openings.append((opens.site, opens.source, opens.key, opens.conversation))
        known.openings[opens.site, opens.source, opens.key] = opens.conversation
    for fact, row, asked in staged:
        rows.events.append(row)
        rows.facts.append(fact)
        known.events[row.conversation, row.actor, row.key] = Stored(row.conversation, row.position, row.at, row.kind, row.body)
        for index, ref in enumerate(getattr(fact.body, "attachments", ())):
            rows.attachments.append((row.conversation, row.position, index, ref.digest, row.audience))
        for intent in asked:
            rows.deliveries.append((row.conversation, row.position, intent.route, intent.target, intent.not_before, row.at))
    for cid, draft in drafts.items():
        _dues(cid, heads[cid].state.dues, draft.state.dues, rows)
        known.heads[cid] = draft
        rows.touched.add(cid)
    written = tuple(Written(row.conversation, row.position, row.at) for row in events)
    _companions(command, written, drafts, clock, rows)
    return Receipt(written, new=True, states={cid: draft.state for cid, draft in drafts.items()}, main=command.main)


def _moved(fact: Fact, old: int, new: int) -> Fact:
    if fact.conversation != old:
        return fact
    return Fact(
        conversation=new,
        body=fact.body,
        actor=fact.actor,
        channel=fact.channel,
        key=fact.key,
        audience=fact.audience,
        disclose=fact.disclose,
    )


def _written_before(facts: tuple[Fact, ...], known: Known, main: int) -> Receipt | None:
    found = [known.events.get((fact.conversation, fact.actor, fact.key)) for fact in facts]
    if not any(found):
        return None
    for fact, stored in zip(facts, found, strict=True):
        if stored is None or stored.kind != fact.body.name or not _same(fact, stored):
            raise KeyConflict("This key was used before for something else. Nothing was written.")
    return Receipt(tuple(Written(s.conversation, s.position, s.at) for s in found if s is not None), new=False, main=main)


def _same(fact: Fact, stored: Stored) -> bool:
    """True if the stored event says what the fact says, as far as it comes from the person and is not crossed out."""
    body = orjson.loads(stored.body)
    values = fact.sealed_values()
    # Decision 0014: a field that is empty is not there; older events hold it, with the empty value.
    before = {name for name, pair in body.items() if pair is None or pair[1] not in _EMPTY}
    told = (before | values.keys()) - fact.body.derived - {SENTENCE}
    return all(name in before and (body[name] is None or (name in values and body[name][1] == values[name].decode())) for name in told)


def _seal(fact: Fact, head: Head, clock: int) -> EventRow:
    body = fact.body
    values = fact.sealed_values()
    salts = os.urandom(seal.SALT_OCTETS * (len(values) + 1))
    cut = [salts[i : i + seal.SALT_OCTETS] for i in range(0, len(salts), seal.SALT_OCTETS)]
    pairs = {name: (salt, value) for salt, (name, value) in zip(cut, values.items(), strict=False)}
    draft = EventRow(
        conversation=fact.conversation,
        site=head.site,
        position=head.position + 1,
        kind=body.name,
        kind_version=body.version,
        actor=fact.actor,
        channel=fact.channel,
        audience=(fact.audience or body.audience).value,
        disclose=fact.disclose,
        at=max(clock, head.at + 1),
        key=fact.key,
        key_salt=cut[-1],
        body=orjson.dumps({name: [salt.hex(), value.decode()] for name, (salt, value) in pairs.items()}).decode(),
    )
    sealed = seal.seal(seal.header_of(draft, head.seal), pairs)
    head.position, head.seal, head.at = draft.position, sealed.seal, draft.at
    stamp = Stamp(position=draft.position, at=draft.at, actor=draft.actor, channel=draft.channel, audience=Audience(draft.audience))
    head.state = folded(head.state, body, stamp)
    return EventRow._make((*draft[:_HEADING], sealed.header, sealed.digests.decode(), draft.body, sealed.seal))


def folded(state: State, body: object, stamp: Stamp) -> State:
    """The state after one event: what the kind says, and what is true for every kind. Unknown kinds only move the position."""
    fold = getattr(body, "fold", None)
    after: State = fold(state, stamp) if fold is not None else state
    quiet = getattr(body, "quiet", True)
    keeps = getattr(body, "keeps", False)
    return after.but(
        position=stamp.position,
        touched_at=after.touched_at if quiet else stamp.at,
        keep_from=stamp.at if keeps else after.keep_from,
    )


def _dues(cid: int, before: dict[str, int], after: dict[str, int], rows: Rows) -> None:
    for name, at in after.items():
        if before.get(name) != at:
            # An alarm that went in this very commit stays gone: the new one is a new row, for a row's id is the key it rings with.
            rows.dues_set[cid, name] = at
    for name in before.keys() - after.keys():
        rows.dues_set.pop((cid, name), None)
        rows.dues_gone.add((cid, name))


def _companions(command: Command, written: tuple[Written, ...], drafts: dict[int, Head], clock: int, rows: Rows) -> None:
    # `admit` has made sure that every index and every conversation named here is one of the command's facts.
    for row in command.rows:
        match row:
            case Joins():
                rows.participants.append((row.conversation, row.ref))
            case Named():
                rows.names.append((row.namespace, digest_of_name(row.value), written[row.fact].conversation, written[row.fact].position))
            case Told():
                rows.told.append(row)
            case Fired():
                # An alarm that was set anew while its ringing waited in the queue stays.
                if drafts[row.conversation].state.dues.get(row.name, 0) <= clock:
                    rows.dues_set.pop((row.conversation, row.name), None)
                    rows.dues_gone.add((row.conversation, row.name))
            case Crosses():
                rows.crossings.append((row, written[row.fact].position))
