"""Every place that keeps content besides the events: what was crossed out is forgotten there, too, and blobs go that nobody refers to.

Rooms above register places of their own. Each crossing out leaves a row in its transaction, which goes when every place has done its
part: a process that dies in between leaves the rest to the next one. Knows neither who crossed out nor why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson
import structlog
from django.db import DatabaseError, transaction

from chat.ledger import blobs
from chat.ledger.columns import ON_ITS_WAY
from chat.ledger.keeping import is_gone
from chat.ledger.keeping_models import Leftover
from chat.ledger.models import Attachment, Conversation, Crossing, Delivery, OutsideName, Participant, Received
from chat.ledger.read import in_thread
from chat.ledger.sql import ask
from chat.ledger.state import State, from_json

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between two looks at what is left over."""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was crossed out in one conversation: fields by position, and the blobs that they named."""

    conversation: int
    entries: Mapping[int, tuple[str, ...]]
    digests: frozenset[str] = frozenset()
    ended: bool = False
    """True if the time of the record is over: nothing of it is kept but what is sealed."""


Forget = Callable[[Gone], None]
"""Removes the copies of one place. Called again after a crash: what is gone already is no error."""
Referring = Callable[[set[str]], set[str]]
"""Which of these blobs a place still refers to."""
_places: dict[str, Forget] = {}
_references: dict[str, Referring] = {}


def register(name: str, forget: Forget) -> None:
    """Add a place; the name is for people and stands in docs/privacy.md."""
    _places[name] = forget


def register_reference(name: str, referring: Referring) -> None:
    """Add a place that refers to blobs by their digests."""
    _references[name] = referring


def places() -> list[str]:
    """The names of all places, in order."""
    return sorted(_places)


def settle(*, rested: float = blobs.RESTS) -> int:
    """Let every place forget what was crossed out so far; returns how many rows are left for another time. For threads.

    A blob that came in less than `rested` seconds ago stays till then: somebody may be about to refer to it.
    """
    left, after = 0, 0
    while rows := list(Leftover.objects.filter(pk__gt=after).order_by("pk")[:_AT_ONCE]):
        left += sum(not _settled(row, rested) for row in rows)
        after = rows[-1].pk
    return left


def forget(gone: Gone) -> bool:
    """Let every place forget it; False if one of them failed, which is then logged and tried again."""
    well = True
    for name, place in _places.items():
        try:
            place(gone)
        except Exception:  # the other places must not wait for it
            log.exception("copies_not_forgotten", place=name, conversation=gone.conversation)
            well = False
    return well


def release(digests: Iterable[str], *, rested: float = blobs.RESTS) -> set[str]:
    """Remove the blobs among these that nothing refers to; returns those that are too fresh to be removed yet."""
    known, fresh = sorted(set(digests)), set()
    for start in range(0, len(known), _AT_ONCE):
        unclear = set(known[start : start + _AT_ONCE])
        for referring in _references.values():
            unclear -= referring(unclear) if unclear else set()
        fresh |= {digest for digest in unclear if not blobs.remove_unreferenced(digest, rested=rested)}
    return fresh


def leave(digests: Iterable[str]) -> None:
    """Have `settle` look whether anything refers to these blobs, now or when they have rested. No place forgets anything for it."""
    known = sorted(set(digests))
    if known:
        Leftover.objects.create(conversation=0, entries="{}", digests=orjson.dumps(known).decode())


async def run(stopping: asyncio.Event) -> None:
    """Settle what is left over, again and again until `stopping`."""
    while not stopping.is_set():
        try:
            await in_thread(settle)
        except (DatabaseError, OSError) as problem:  # goes on where it stood
            log.warning("copies_interrupted", problem=type(problem).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), EVERY)


def _settled(row: Leftover, rested: float) -> bool:
    entries = {int(position): tuple(fields) for position, fields in orjson.loads(row.entries).items()}
    digests = frozenset(orjson.loads(row.digests))
    # Without a conversation nothing was crossed out: somebody else's upload of the same content is theirs, and waits to be sent.
    if row.conversation and not forget(
        Gone(conversation=row.conversation, entries=entries, digests=digests, ended=_ended(row.conversation))
    ):
        return False
    fresh = release(digests, rested=rested)
    if fresh:
        Leftover.objects.filter(pk=row.pk).update(digests=orjson.dumps(sorted(fresh)).decode())
        return False
    Leftover.objects.filter(pk=row.pk).delete()
    return True


def _ended(conversation: int) -> bool:
    found = Conversation.objects.filter(pk=conversation).values_list("state", flat=True).first()
    state = from_json(found) if found is not None else State()
    return bool(state.gone_at) and is_gone(state)


def _mail_as_it_came(gone: Gone) -> None:
    rows = Received.objects.filter(conversation=gone.conversation)
    (rows if gone.ended else rows.filter(digest__in=gone.digests)).delete()


def _on_its_way(gone: Gone) -> None:
    rows = Delivery.objects.filter(conversation_id=gone.conversation)
    if not gone.ended:
        rows = rows.filter(position__in=gone.entries).extra(where=[f"state IN {ON_ITS_WAY}"])  # noqa: S610  # a constant of ours
    rows.delete()


def _who_took_part(gone: Gone) -> None:
    if gone.ended:
        with transaction.atomic():
            permit = Crossing.objects.create(conversation=gone.conversation, position=0)
            for table in (Participant, OutsideName):
                # Their rows refuse to be deleted one by one.
                ask(f"DELETE FROM {table._meta.db_table} WHERE conversation_id = %s", gone.conversation)
            permit.delete()


def _in_attachments(digests: set[str]) -> set[str]:
    return set(Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True))


def _in_received(digests: set[str]) -> set[str]:
    return set(Received.objects.filter(digest__in=digests).values_list("digest", flat=True))


register("mail as it came", _mail_as_it_came)
register("mail on its way", _on_its_way)
register("who took part, and outside names", _who_took_part)
register_reference("attachments", _in_attachments)
register_reference("mail as it came", _in_received)
