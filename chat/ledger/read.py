"""The one way out: events of a conversation for an audience, after a position; heads and states.

Knows the tables and gives out plain values; who may read is decided in chat.actions.access.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import orjson
from django.db import close_old_connections, connection
from django.db.models import Max, QuerySet
from msgspec import Struct

from chat.ledger import seal
from chat.ledger.append import digest_of_name
from chat.ledger.event import SENTENCE, Audience, Kind, Unknown, from_fields, kinds
from chat.ledger.models import Attachment, Conversation, Event, OutsideName, Participant
from chat.ledger.state import State, from_json

P = ParamSpec("P")
T = TypeVar("T")

PAGE = 500
"""Events fetched from the database at once, at most."""
_OCTETS = 4 * 1024 * 1024
"""Of stored bodies in one page, about: entries with a long mail come in smaller pages, so that memory stays bounded."""
_FIRST = 32
"""Events in the first page, before it is known how big they are."""
_SHOWN = ("conversation_id", "position", "kind", "kind_version", "actor", "channel", "audience", "disclose", "at", "body", "seal")
_SEALED = (*_SHOWN, "site", "key", "key_salt", "header", "digests")
_readers = ThreadPoolExecutor(8, thread_name_prefix="ledger-reader")


class Entry(Struct, frozen=True, kw_only=True):
    """One event as it is shown: sealed facts, the typed body, and what is crossed out."""

    conversation: int
    position: int
    previous: int
    """The position before this one for the same audience; 0 at the beginning."""
    kind: str
    kind_version: int
    actor: str
    channel: str
    audience: Audience
    disclose: str
    at: int
    body: Kind | Unknown
    values: dict[str, Any]
    """The sealed fields that are not crossed out, as plain data, without the stored sentence."""
    sentence: str
    crossed_out: tuple[str, ...]
    seal: bytes

    @property
    def quiet(self) -> bool:
        return bool(getattr(self.body, "quiet", True))


class Head(Struct, frozen=True, kw_only=True):
    """A conversation from outside: where it stands and what follows from its events."""

    conversation: int
    site: int
    number: int
    position: int
    seal: bytes
    last_at: int
    state: State


def head(conversation: int) -> Head | None:
    """The head of a conversation, or None if there is none with this id."""
    row = Conversation.objects.filter(pk=conversation).first()
    return as_head(row) if row else None


def heads(conversations: Sequence[int]) -> dict[int, Head]:
    return {row.pk: as_head(row) for row in Conversation.objects.filter(pk__in=conversations)}


def events(
    conversation: int,
    *,
    audience: Audience,
    after: int = 0,
    upto: int | None = None,
    limit: int | None = None,
    previous: int | None = None,
) -> Iterator[Entry]:
    """Events in order. EVERYONE leaves out what only agents see; AGENTS sees all. Memory is bounded by one page.

    `previous` is the last position of this audience up to `after`, for callers who know it and so save a look.
    """
    if previous is None:
        previous = _previous(conversation, audience, after)
    query = Event.objects.filter(conversation_id=conversation)
    if upto is not None:
        query = query.filter(position__lte=upto)
    if audience is Audience.EVERYONE:
        query = query.filter(audience=Audience.EVERYONE.value)
    for row in _paged(query, _SHOWN, after=after, limit=limit):
        yield _entry(row, previous)
        previous = row.position


def spoken(conversation: int, first: int, last: int, *, channel: str) -> tuple[int, ...]:
    """Positions between `first` and `last` where we spoke to the customer through a channel."""
    speaking = [kind.name for kind in kinds() if kind.speaks]
    query = Event.objects.filter(
        conversation_id=conversation,
        position__gte=first,
        position__lte=last,
        channel=channel,
        audience=Audience.EVERYONE.value,
        kind__in=speaking,
    )
    return tuple(query.exclude(actor__startswith="customer:").order_by("position").values_list("position", flat=True))


def entry(conversation: int, position: int) -> Entry | None:
    row = Event.objects.filter(conversation_id=conversation, position=position).first()
    return _entry(row, _previous(conversation, Audience.AGENTS, position - 1)) if row else None


def is_there(conversation: int, *, actor: str, key: str) -> bool:
    """Whether somebody's event with this key was appended."""
    return Event.objects.filter(conversation_id=conversation, actor=actor, key=key).exists()


def rows(conversation: int, *, upto: int | None = None) -> Iterator[seal.Row]:
    """The stored rows of a chain, for `seal.verify`. Memory is bounded by one page."""
    query = Event.objects.filter(conversation_id=conversation)
    if upto is not None:
        query = query.filter(position__lte=upto)
    yield from map(_sealed, _paged(query, _SEALED))


def all_conversations(*, after: int = 0, limit: int = PAGE) -> list[int]:
    """Ids in rising order, one page after an id."""
    return list(Conversation.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:limit])


def count_conversations(*, cap: int = 1000) -> int:
    """How many conversations there are, counted no further than `cap`."""
    return len(Conversation.objects.values_list("pk", flat=True)[:cap])


def conversations_of(ref: str, *, limit: int = 50) -> list[Head]:
    """The conversations a participant takes part in, the latest first."""
    ids = Participant.objects.filter(ref=ref).order_by("-conversation_id").values_list("conversation_id", flat=True)[:limit]
    found = heads(list(ids))
    return [found[cid] for cid in ids if cid in found]


def takes_part(ref: str, conversation: int) -> bool:
    return Participant.objects.filter(ref=ref, conversation_id=conversation).exists()


def last_position(conversation: int, *, audience: Audience, upto: int) -> int:
    """The last position up to `upto` that this audience may see; 0 if there is none."""
    return _previous(conversation, audience, upto)


def by_number(site: int, number: int) -> Head | None:
    row = Conversation.objects.filter(site=site, number=number).first()
    return as_head(row) if row else None


def named(namespace: str, values: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Which of these outside names are known, and the (conversation, position) each stands for."""
    digests = {digest_of_name(value): value for value in values}
    found = OutsideName.objects.filter(namespace=namespace, value__in=list(digests))
    return {digests[row.value]: (row.conversation_id, row.position) for row in found}


def attachment(conversation: int, position: int, index: int, *, audience: Audience) -> str | None:
    """The blob digest of an attachment if this audience may have it."""
    query = Attachment.objects.filter(conversation_id=conversation, position=position, index=index)
    if audience is Audience.EVERYONE:
        query = query.filter(audience=Audience.EVERYONE.value)
    row = query.first()
    return row.digest if row else None


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a reading function (database, disk) beside the event loop, on a thread that keeps its connection."""

    def run() -> T:
        # A pool takes its connection back each time; SQLite's stays with the thread, because opening it costs more than reading.
        if connection.vendor != "sqlite" or connection.errors_occurred:
            close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_readers, functools.partial(run))


async def page(conversation: int, *, audience: Audience, after: int = 0, limit: int = PAGE) -> list[Entry]:
    """`events` for an event loop: one page as a list."""
    return await in_thread(lambda: list(events(conversation, audience=audience, after=after, limit=limit)))


def _paged(query: QuerySet[Event], columns: tuple[str, ...], *, after: int = 0, limit: int | None = None) -> Iterator[Any]:
    """Rows after a position as plain tuples, which cost a fraction of model instances, page by page."""
    size, left = _FIRST, limit
    while left is None or left > 0:
        asked = size if left is None else min(size, left)
        found = list(query.filter(position__gt=after).order_by("position").values_list(*columns, named=True)[:asked])
        yield from found
        if len(found) < asked:
            return
        after, left = found[-1].position, None if left is None else left - asked
        octets = sum(len(row.body) for row in found) + 1
        size = max(1, min(PAGE, 4 * size, len(found) * _OCTETS // octets))


def _previous(conversation: int, audience: Audience, after: int) -> int:
    if after <= 0:
        return 0
    query = Event.objects.filter(conversation_id=conversation, position__lte=after)
    if audience is Audience.EVERYONE:
        query = query.filter(audience=Audience.EVERYONE.value)
    return query.aggregate(last=Max("position"))["last"] or 0


def entry_of(row: Event) -> Entry:
    """A stored row as agents see it: for readers of all conversations, who have the row already."""
    return _entry(row, row.position - 1)


def as_head(row: Conversation) -> Head:
    """A stored row as others see it."""
    return Head(
        conversation=row.pk,
        site=row.site,
        number=row.number,
        position=row.position,
        seal=bytes(row.head),
        last_at=row.last_at,
        state=from_json(row.state),
    )


def _entry(row: Any, previous: int) -> Entry:
    """From a stored row: an Event, or a tuple with the columns _SHOWN."""
    stored = orjson.loads(row.body)
    values = {name: orjson.loads(pair[1]) for name, pair in stored.items() if pair is not None}
    body = from_fields(row.kind, row.kind_version, values)
    sentence = values.pop(SENTENCE, "This entry is crossed out.")
    return Entry(
        conversation=row.conversation_id,
        position=row.position,
        previous=previous,
        kind=row.kind,
        kind_version=row.kind_version,
        actor=row.actor,
        channel=row.channel,
        audience=Audience(row.audience),
        disclose=row.disclose,
        at=row.at,
        body=body,
        values=values,
        sentence=sentence,
        crossed_out=tuple(sorted(name for name, pair in stored.items() if pair is None and name != SENTENCE)),
        seal=bytes(row.seal),
    )


def _sealed(row: Any) -> seal.Row:
    try:
        stored = orjson.loads(row.body)
        fields = {n: None if p is None else (bytes.fromhex(p[0]), p[1].encode()) for n, p in stored.items()}
    except (ValueError, TypeError, AttributeError, IndexError):
        fields = {"unreadable": None}
    return seal.Row(
        conversation=row.conversation_id,
        position=row.position,
        kind=row.kind,
        kind_version=row.kind_version,
        actor=row.actor,
        channel=row.channel,
        audience=row.audience,
        disclose=row.disclose,
        at=row.at,
        key=row.key,
        key_salt=bytes(row.key_salt),
        site=row.site,
        header=bytes(row.header),
        digests=row.digests.encode(),
        seal=bytes(row.seal),
        fields=fields,
    )
