"""One stretch of a long conversation: so many entries below or after a position, of some kinds and channels; how many there are of each.

For pages, which show a part at a time. Reads only; who may see it is decided above.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, QuerySet
from msgspec import Struct

from chat.ledger.event import Audience
from chat.ledger.models import Event
from chat.ledger.read import Entry, entry_of

MOST = 500
"""Entries in one stretch, at most."""
_AT_ONCE = 50
_OCTETS = 2 * 1024 * 1024
"""Of stored bodies in one stretch, about: with long mails in it, it is shorter."""


class Sieve(Struct, frozen=True, kw_only=True):
    """Which entries are wanted: those of `kinds` through `channels` (empty: through any), or with `others` all but those."""

    kinds: frozenset[str] = frozenset()
    """Names; empty lets everything through."""
    channels: frozenset[str] = frozenset()
    others: bool = False
    audience: Audience = Audience.AGENTS
    """EVERYONE leaves out what is for agents alone."""


EVERYTHING = Sieve()


class Stretch(Struct, frozen=True, kw_only=True):
    """Entries in their order, and whether the same sieve lets more through before and after them."""

    entries: tuple[Entry, ...]
    earlier: bool = False
    later: bool = False


def below(conversation: int, position: int = 0, *, sieve: Sieve = EVERYTHING, limit: int = MOST) -> Stretch:
    """The last entries below a position (0: at the end)."""
    query = _sifted(conversation, sieve)
    rows, more = _taken(query.filter(position__lt=position) if position else query, "-position", limit)
    rows.reverse()
    later = bool(position) and query.filter(position__gte=position).exists()
    return Stretch(entries=tuple(map(entry_of, rows)), earlier=more, later=later)


def after(conversation: int, position: int, *, sieve: Sieve = EVERYTHING, limit: int = MOST) -> Stretch:
    """The first entries after a position."""
    query = _sifted(conversation, sieve)
    rows, more = _taken(query.filter(position__gt=position), "position", limit)
    return Stretch(entries=tuple(map(entry_of, rows)), earlier=query.filter(position__lte=position).exists(), later=more)


def tally(conversation: int, *, audience: Audience = Audience.AGENTS) -> list[tuple[str, str, int]]:
    """How many entries there are of each kind through each channel: (kind, channel, count)."""
    query = _sifted(conversation, Sieve(audience=audience)).order_by()
    return [(kind, channel, count) for kind, channel, count in query.values_list("kind", "channel").annotate(count=Count("pk"))]


def _sifted(conversation: int, sieve: Sieve) -> QuerySet[Event]:
    query = Event.objects.filter(conversation_id=conversation)
    if sieve.audience is Audience.EVERYONE:
        query = query.filter(audience=Audience.EVERYONE.value)
    if not sieve.kinds:
        return query
    wanted = Q(kind__in=sieve.kinds) & (Q(channel__in=sieve.channels) if sieve.channels else Q())
    return query.filter(~wanted if sieve.others else wanted)


def _taken(query: QuerySet[Event], order: str, limit: int) -> tuple[list[Event], bool]:
    """Rows until there are enough of them, or enough in them; and whether there are more."""
    found: list[Event] = []
    octets = 0
    for row in _rows(query, order, limit + 1):
        if found and (len(found) == limit or octets > _OCTETS):
            return found, True
        found.append(row)
        octets += len(row.body)
    return found, False


def _rows(query: QuerySet[Event], order: str, limit: int) -> Iterator[Event]:
    for start in range(0, limit, _AT_ONCE):
        page = list(query.order_by(order)[start : min(start + _AT_ONCE, limit)])
        yield from page
        if len(page) < _AT_ONCE:
            return
