"""What came in from outside and was promised to be kept before it was understood: raw mails with their envelopes.

Knows the table and the lease; what a mail means is the business of the room that took it in.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import F, Q

from chat.ledger import blobs
from chat.ledger.keeping_models import Leftover
from chat.ledger.models import Received

WAITING, TAKEN, QUARANTINED, SPAM, DROPPED, KEPT = "waiting", "taken", "quarantined", "spam", "dropped", "kept"
ASIDE = (QUARANTINED, SPAM)
"""What waits for somebody to look at it."""
SECOND = 1_000_000
# Without the ORM: objects for the rows of a busy minute would cost more than the rows.
_INSERT = "INSERT INTO chat_received (source, digest, raw, envelope, received_at, state, conversation, reason, attempts, lease) VALUES"
_VALUES = "(%s, %s, %s, %s, %s, %s, %s, '', 0, 0)"


class Missing(Exception):
    """The row is there and its raw bytes are not: somebody took the blob away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What came in: `raw` is a few octets themselves, or the digest of a blob that is durable already."""

    source: str
    raw: bytes | str
    envelope: Mapping[str, Any]
    state: str = WAITING
    conversation: int | None = None
    """Where it belongs, if that is known already: it goes with that record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One row: `digest` is the SHA-256 of the raw bytes, `envelope` is what was known beside them."""

    id: int
    source: str
    digest: str
    envelope: Mapping[str, Any]
    received_at: int
    """Microseconds since 1970 in UTC."""
    state: str
    reason: str
    conversation: int | None
    attempts: int


def keep(source: str, digest: str, envelope: Mapping[str, Any], *, state: str = WAITING, conversation: int | None = None) -> int:
    """Commit a row for a blob that is durable already; returns its id. Only then may the sender be told that we have it."""
    (row,) = keep_all([New(source=source, raw=digest, envelope=envelope, state=state, conversation=conversation)])
    return row


def keep_all(arrivals: Sequence[New]) -> list[int]:
    """Commit a row for each, all or none; returns their ids in order. What came as octets stands in its row until it is `filed`."""
    now = _now()
    rows = [_row(new, now) for new in arrivals]
    # One statement is a transaction of its own. On SQLite it ends when its rows are fetched, and until then it needs its place in the line.
    with _short() if connection.vendor == "sqlite" else nullcontext(), connection.cursor() as cursor:
        cursor.execute(f"{_INSERT} {', '.join([_VALUES] * len(rows))} RETURNING id", [value for row in rows for value in row])
        return sorted(int(row[0]) for row in cursor.fetchall())


def content(arrival: Arrival) -> bytes:
    """The raw bytes, wherever they stand. Raises Missing."""
    inline = _inline(arrival)
    return _blob(arrival.digest) if inline is None else inline


def filed(arrival: Arrival) -> bytes:
    """The raw bytes, which are a blob from now on: events may refer to them by their digest, and `settle` may empty the row.

    Raises Missing, or OSError if there is no room for the blob.
    """
    return filed_as(arrival, lambda raw: raw)[0]


def filed_as(arrival: Arrival, kept: Callable[[bytes], bytes]) -> tuple[bytes, str]:
    """The same where something else is kept than what came: the raw bytes, and the digest of the blob with what `kept` makes of them.

    Events may refer to that blob; `settle` must be told of it.
    """
    inline = _inline(arrival)
    raw = _blob(arrival.digest) if inline is None else inline
    keep = kept(raw)
    return raw, arrival.digest if keep is raw and inline is None else blobs.store(keep)


def _inline(arrival: Arrival) -> bytes | None:
    found = Received.objects.filter(pk=arrival.id).values_list("raw", flat=True).first()
    return None if found is None else bytes(found)


def _blob(digest: str) -> bytes:
    try:
        with blobs.open_blob(digest) as file:
            return file.read()
    except FileNotFoundError as problem:
        raise Missing(f"The blob {digest} is not there.") from problem


def take(source: str, *, limit: int, lease: float) -> list[Arrival]:
    """The oldest waiting rows that nobody has in hand, leased for `lease` seconds. `attempts` counts this one."""
    now = _now()
    waiting = Received.objects.filter(source=source, state=WAITING, lease__lte=now).order_by("id").defer("raw")
    if not waiting.exists():
        return []
    with transaction.atomic():
        rows = list(waiting.select_for_update(skip_locked=True)[:limit])
        ids = [row.pk for row in rows]
        Received.objects.filter(pk__in=ids).update(lease=now + int(lease * SECOND), attempts=F("attempts") + 1)
    return [_arrival(row, attempts=row.attempts + 1) for row in rows]


def settle(
    row: int,
    state: str,
    *,
    reason: str = "",
    conversation: int | None = None,
    kept: str = "",
    envelope: Mapping[str, Any] | None = None,
) -> None:
    """Say what became of it: taken, quarantined, spam or dropped. It must have been `filed` before: the row forgets the raw bytes.

    With an `envelope`, that one takes the place of the one it came in. With `kept` as `filed_as` gave it, the row stands for that blob from
    now on, and the one with what came goes if nobody refers to it.
    """
    if state in ASIDE and _stands_aside(row, kept):
        # Sent again by somebody who heard no answer.
        state, reason, conversation = DROPPED, "The same mail came before.", None
    now = {"state": state, "reason": reason[:2000], "conversation": conversation, "lease": 0, "raw": None}
    if envelope is not None:
        now["envelope"] = orjson.dumps(dict(envelope)).decode()
    with _short():
        found = Received.objects.filter(pk=row)
        came = found.values_list("digest", flat=True).first() if kept else None
        if came and came != kept:
            now["digest"] = kept
            # Nothing of the conversation is crossed out: what was prepared of it stays.
            Leftover.objects.create(conversation=0, entries="{}", digests=orjson.dumps([came]).decode())
        found.update(**now)


def _stands_aside(row: int, kept: str) -> bool:
    """Whether the same octets for the same recipients wait for somebody to look at them."""
    this = get(row)
    if this is None:
        return False
    others = Received.objects.filter(digest=kept or this.digest, source=this.source, state__in=ASIDE).exclude(pk=row).defer("raw")
    return any(_arrival(other).envelope.get("recipients") == this.envelope.get("recipients") for other in others[:10])


def postpone(row: int, *, seconds: float, counted: bool = True) -> None:
    """Leave it waiting, for another try after a while. Not `counted` is an attempt that failed by no fault of what came in."""
    with _short():
        less = 0 if counted else 1
        Received.objects.filter(pk=row).update(lease=_now() + int(seconds * SECOND), attempts=F("attempts") - less)


def again(row: int, envelope: Mapping[str, Any]) -> bool:
    """Let one that was put aside wait again, with what somebody decided added to its envelope. False if it is not aside any more."""
    text = orjson.dumps(dict(envelope)).decode()
    with _short():
        changed = Received.objects.filter(pk=row, state__in=ASIDE).update(state=WAITING, envelope=text, attempts=0, lease=0, reason="")
    return bool(changed)


def free(source: str) -> None:
    """Take leases back that a process left when it died. Only where one process alone holds the store: elsewhere they run out."""
    if connection.vendor == "sqlite":
        with _short():
            Received.objects.filter(source=source, state=WAITING, lease__gt=0).update(lease=0)


def get(row: int) -> Arrival | None:
    found = Received.objects.defer("raw").filter(pk=row).first()
    return _arrival(found) if found else None


def listed(source: str, state: str, *, before: int | None = None, limit: int = 50) -> list[Arrival]:
    """The latest first; `before` is the id of the last row of the page before."""
    rows = Received.objects.filter(source=source, state=state).defer("raw")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_arrival(row) for row in rows.order_by("-id")[:limit]]


def newest(source: str) -> int:
    """The id of the last row; 0 if there is none."""
    return Received.objects.filter(source=source).order_by("-id").values_list("pk", flat=True).first() or 0


def came_after(source: str, row: int, *, limit: int = 200) -> list[Arrival]:
    """What came after a row, in order."""
    return [_arrival(found) for found in Received.objects.filter(source=source, pk__gt=row).defer("raw").order_by("pk")[:limit]]


def of_conversation(source: str, conversation: int) -> list[Arrival]:
    """What of a source belongs to a conversation."""
    return [_arrival(row) for row in Received.objects.filter(source=source, conversation=conversation).defer("raw").order_by("pk")]


def loose(sources: Sequence[str]) -> Iterator[Arrival]:
    """What of these sources is in no conversation; of what was put aside it is only said where it may belong."""
    outside = ~Q(conversation__gt=0) | Q(state__in=ASIDE)
    rows = Received.objects.filter(outside, source__in=sources).exclude(state=WAITING).defer("raw")
    yield from map(_arrival, rows.order_by("pk").iterator(chunk_size=500))


def remove(ids: Collection[int]) -> None:
    """Forget these rows for good; their blobs go soon if nobody else refers to them."""
    if ids:
        with _short():
            rows = Received.objects.filter(pk__in=ids)
            digests = sorted(set(rows.values_list("digest", flat=True)))
            Leftover.objects.create(conversation=0, entries="{}", digests=orjson.dumps(digests).decode())
            rows.delete()


def count(source: str, state: str, *, cap: int = 1000) -> int:
    """How many stand in a state, counted no further than `cap`."""
    return len(Received.objects.filter(source=source, state=state).values_list("pk", flat=True)[:cap])


@contextmanager
def _short() -> Iterator[None]:
    # A transaction, however short, waits in the writer's fair line on SQLite.
    with transaction.atomic():
        yield


def _row(new: New, now: int) -> tuple[str | bytes | int | None, ...]:
    inline, digest = (None, new.raw) if isinstance(new.raw, str) else (new.raw, hashlib.sha256(new.raw).hexdigest())
    return new.source, digest, inline, orjson.dumps(dict(new.envelope)).decode(), now, new.state, new.conversation


def _arrival(row: Received, *, attempts: int | None = None) -> Arrival:
    return Arrival(
        id=int(row.pk),
        source=row.source,
        digest=row.digest,
        envelope=orjson.loads(row.envelope),
        received_at=row.received_at,
        state=row.state,
        reason=row.reason,
        conversation=row.conversation,
        attempts=row.attempts if attempts is None else attempts,
    )


def _now() -> int:
    return time.time_ns() // 1000
