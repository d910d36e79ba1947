"""The latest entries of conversations that somebody follows in this process, as its own writer committed them.

Whoever follows live is served from here and reads the ledger after a gap only. Knows no reader; it may be emptied at any time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.ledger import announce, batch
from chat.ledger.append import Fact
from chat.ledger.event import SENTENCE, Audience
from chat.ledger.read import Entry, Head

ENTRIES = 64
"""Entries kept of one conversation; beyond, the older half goes."""
CONVERSATIONS = 20_000
OCTETS = 32 * 1024 * 1024
"""Over all conversations, roughly: bodies, and BESIDE for each entry."""
BESIDE = 1_500
"""Octets of objects around the text of one entry."""


@dataclass(slots=True)
class _Tail:
    head: batch.Head
    entries: list[Entry] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """Octets of each entry, roughly."""
    shown: Head | None = None


_guard = threading.Lock()
_tails: OrderedDict[int, _Tail] = OrderedDict()
_octets = 0


def committed(rows: batch.Rows, heads: Mapping[int, batch.Head]) -> None:
    """Keep what was just committed, where somebody follows. Called by the writer before it announces."""
    with _guard:
        for crosses, _ in rows.crossings:
            _drop(crosses.conversation)
        for row, fact in zip(rows.events, rows.facts, strict=True):
            if row.conversation in _tails or announce.is_watched(row.conversation):
                _add(row, fact)
        for cid in rows.touched & _tails.keys():
            if announce.is_watched(cid) and _tails[cid].entries[-1].position == heads[cid].position:
                _tails[cid].head, _tails[cid].shown = heads[cid], None
            else:
                _drop(cid)
        while _octets > OCTETS or len(_tails) > CONVERSATIONS:
            _drop(next(iter(_tails)))


def head(conversation: int) -> Head | None:
    """The head as this process last wrote it, or None. Another process may have moved it since: guards decide, not this."""
    with _guard:
        tail = _tails.get(conversation)
        if tail is None:
            return None
        if tail.shown is None:
            known = tail.head
            tail.shown = Head(
                conversation=conversation,
                site=known.site,
                number=known.number,
                position=known.position,
                seal=known.seal,
                last_at=known.at,
                state=known.state,
            )
        return tail.shown


def after(conversation: int, position: int, *, upto: int) -> list[Entry] | None:
    """All entries (as agents see them) after a position, at least up to `upto`; None if there is a gap that only the ledger fills."""
    with _guard:
        tail = _tails.get(conversation)
        if tail is None or tail.head.position < upto:
            return None
        first = position + 1 - tail.entries[0].position
        return tail.entries[first:] if first >= 0 else None


def forget(conversation: int) -> None:
    """What is kept of this conversation may be old: read the ledger next time."""
    with _guard:
        _drop(conversation)


def clear() -> None:
    with _guard:
        for conversation in list(_tails):
            _drop(conversation)


def _add(row: batch.EventRow, fact: Fact) -> None:
    global _octets
    tail = _tails.get(row.conversation)
    if tail is not None and tail.entries[-1].position + 1 != row.position:
        _drop(row.conversation)  # another process wrote in between
        tail = None
    if tail is None:
        tail = _tails[row.conversation] = _Tail(batch.Head(site=row.site, number=0))
    else:
        _tails.move_to_end(row.conversation)
    tail.entries.append(_entry(row, fact))
    tail.sizes.append(len(row.body) + BESIDE)
    _octets += tail.sizes[-1]
    if len(tail.entries) > ENTRIES:
        _octets -= sum(tail.sizes[: ENTRIES // 2])
        del tail.entries[: ENTRIES // 2], tail.sizes[: ENTRIES // 2]


def _drop(conversation: int) -> None:
    global _octets
    tail = _tails.pop(conversation, None)
    if tail is not None:
        _octets -= sum(tail.sizes)


def _entry(row: batch.EventRow, fact: Fact) -> Entry:
    values = dict(fact.values())
    sentence = str(values.pop(SENTENCE))
    return Entry(
        conversation=row.conversation,
        position=row.position,
        previous=row.position - 1,
        kind=row.kind,
        kind_version=row.kind_version,
        actor=row.actor,
        channel=row.channel,
        audience=Audience(row.audience),
        disclose=row.disclose,
        at=row.at,
        body=fact.body,
        values=values,
        sentence=sentence,
        crossed_out=(),
        seal=row.seal,
    )
