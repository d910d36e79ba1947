"""Checkpoints in the store: lists of all heads, the notes signed over them, and what of an earlier list no longer stands in the ledger.

Knows neither keys nor the form of a note; who signs is decided above.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from django.db import connection, transaction

from chat.ledger import blobs
from chat.ledger.head_list import Head, Reading, Writing
from chat.ledger.models import Checkpoint, Conversation

NOTES = 400
"""Notes that are kept: more than a year of days."""
LISTS = 35
"""Lists that are kept: with those a removed conversation is named, and one that is there is proved. 48 octets a conversation each."""
_PAGE = 1000
_PAIRS = 400


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of heads that was just written: the digest of its blob, how many heads, and the root of their tree."""

    leaves: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint in the store. `leaves` is empty when its list is no longer kept. Times are microseconds since 1970."""

    made_at: int
    size: int
    root: bytes
    note: str
    leaves: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A head that was listed and does not stand in the ledger any more. `ends` is where the conversation ends now, 0 if it is gone."""

    conversation: int
    position: int
    listed_at: int
    ends: int

    @property
    def problem(self) -> str:
        if not self.ends:
            return f"it is gone; it had {self.position} entries"
        if self.ends < self.position:
            return f"it ends at entry {self.ends}; it had {self.position} entries"
        return f"entry {self.position} or one before it was rewritten"


def list_heads(pause: Callable[[], None] = lambda: None) -> Listed:
    """Write down the head of every conversation, durably. `pause` is called between two pages and may raise to give up."""
    writing = Writing(_heads(pause))
    leaves = blobs.store_stream(writing)
    return Listed(leaves, writing.size, writing.root)


def keep(listed: Listed, note: str, *, made_at: int) -> None:
    """Keep a signed checkpoint, and no more than NOTES notes and LISTS lists."""
    with transaction.atomic():
        Checkpoint.objects.create(made_at=made_at, size=listed.size, root=listed.root, note=note, leaves=listed.leaves)
        order = list(Checkpoint.objects.order_by("-made_at", "-pk").values_list("pk", "leaves"))
        Checkpoint.objects.filter(pk__in=[pk for pk, _ in order[NOTES:]]).delete()
        Checkpoint.objects.filter(pk__in=[pk for pk, _ in order[LISTS:]]).update(leaves="")
    here = {leaves for _, leaves in order[:LISTS]}
    for leaves in {leaves for _, leaves in order[LISTS:]} - here - {""}:
        blobs.remove_unreferenced(leaves)


def kept(limit: int = NOTES) -> list[Kept]:
    """The newest first."""
    rows = Checkpoint.objects.order_by("-made_at", "-pk")[:limit]
    return [Kept(row.made_at, row.size, bytes(row.root), row.note, row.leaves) for row in rows]


def newest() -> Kept | None:
    return next(iter(kept(1)), None)


def lost(lists: Iterable[Kept], seen: Callable[[int], None] = lambda count: None) -> Iterator[Lost]:
    """Every head of these lists that the ledger does not hold, by conversation. `seen` hears how many conversations were looked at.

    Reads all lists side by side, each once; memory is bounded. Raises FileNotFoundError and BadList.
    """
    with ExitStack() as opened:
        files = [(one.made_at, opened.enter_context(blobs.open_blob(one.leaves))) for one in lists]
        heads = groupby(heapq.merge(*(_dated(Reading(file), made_at) for made_at, file in files)), key=itemgetter(0))
        # A head that many lists hold is looked up once, and named with the first of them.
        once = ((head, next(iter(dated))[1]) for head, dated in heads)
        while some := list(islice(once, _PAIRS)):
            yield from _lost(some)
            seen(len({head[0] for head, _ in some}))


def _dated(heads: Iterable[Head], made_at: int) -> Iterator[tuple[Head, int]]:
    return ((head, made_at) for head in heads)


def _lost(some: list[tuple[Head, int]]) -> Iterator[Lost]:
    ends = {pk: (position, seal) for pk, position, seal in _rows([head[0] for head, _ in some])}
    older = [head for head, _ in some if head[0] in ends and head[1] < ends[head[0]][0]]
    seals = _seals([(conversation, position) for conversation, position, _ in older])
    seals |= {(conversation, position): seal for conversation, (position, seal) in ends.items()}
    for (conversation, position, seal), listed_at in some:
        if seals.get((conversation, position)) != seal:
            yield Lost(conversation, position, listed_at, ends.get(conversation, (0, b""))[0])


def _heads(pause: Callable[[], None]) -> Iterator[Head]:
    after = 0
    while page := list(Conversation.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "position", "head")[:_PAGE]):
        for conversation, position, seal in page:
            yield conversation, position, bytes(seal)
        after = page[-1][0]
        pause()


def _rows(conversations: list[int]) -> list[Head]:
    rows = Conversation.objects.filter(pk__in=set(conversations)).values_list("pk", "position", "head")
    return [(pk, position, bytes(seal)) for pk, position, seal in rows]


def _seals(pairs: list[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    if not pairs:
        return {}
    values = ", ".join(["(%s, %s)"] * len(pairs))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT conversation_id, position, seal FROM chat_event WHERE (conversation_id, position) IN (VALUES {values})",
            [number for pair in pairs for number in pair],
        )
        return {(conversation, position): bytes(seal) for conversation, position, seal in cursor.fetchall()}
