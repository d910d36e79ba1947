"""A conversation as a whole at one of its positions, without walking it: who spoke, how much it holds, what was crossed out last.

Reads only; who may know it is decided above.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Max, Min, Sum
from django.db.models.functions import Length
from msgspec import Struct

from chat.ledger import blobs
from chat.ledger.event import Audience
from chat.ledger.models import Attachment, Event
from chat.ledger.triggers import PERMITTING

_WAITS = """
SELECT MIN(CASE WHEN asks = 1 THEN at END), MAX(CASE WHEN asks = 1 THEN ended - at END) FROM (
  SELECT at, asks, LEAD(at) OVER (ORDER BY position) AS ended FROM (
    SELECT at, asks, position, LAG(asks) OVER (ORDER BY position) AS before FROM (
      SELECT at, position, CASE
        WHEN actor LIKE 'customer:%%' AND kind IN ({customer_asks}) OR actor NOT LIKE 'customer:%%' AND kind IN ({others_ask}) THEN 1
        WHEN actor LIKE 'customer:%%' AND kind IN ({customer_ends}) OR actor NOT LIKE 'customer:%%' AND kind IN ({others_end}) THEN 0
        END AS asks
      FROM chat_event WHERE conversation_id = %s AND position <= %s
    ) AS spoken WHERE asks IS NOT NULL
  ) AS turns WHERE before IS NULL OR before <> asks
) AS waits
"""
COUNTED = 10_000
"""Entries whose sizes are added up; more of them are much in any case."""


def spoke(conversation: int, *, upto: int, kinds: Sequence[str]) -> list[tuple[str, str, int, int]]:
    """Who spoke in view of everyone, through which channel: (actor, channel, first position, last position), in order of the first.

    `kinds` are the names of the kinds that count as speaking.
    """
    query = Event.objects.filter(
        conversation_id=conversation, position__lte=upto, audience=Audience.EVERYONE.value, kind__in=kinds
    ).order_by()
    found = query.values_list("actor", "channel").annotate(first=Min("position"), last=Max("position"))
    return sorted(found, key=lambda row: row[2])


class Turns(Struct, frozen=True, kw_only=True):
    """Names of the kinds that begin a wait, and of those that end one: by a customer, and by anybody else."""

    customer_asks: tuple[str, ...]
    customer_ends: tuple[str, ...]
    others_ask: tuple[str, ...]
    others_end: tuple[str, ...]


def waits(conversation: int, *, upto: int, turns: Turns) -> tuple[int, int | None]:
    """When somebody began to wait for the first time (0: nobody did), and the longest wait that came to its end, both in microseconds.

    A wait lasts from the first word that nobody had answered until the next that answers it. One statement, memory of a few rows.
    """
    lists = {name: ", ".join(["%s"] * len(getattr(turns, name))) or "NULL" for name in turns.__struct_fields__}
    parameters: list[str | int] = [*turns.customer_asks, *turns.others_ask, *turns.customer_ends, *turns.others_end, conversation, upto]
    with connection.cursor() as cursor:
        cursor.execute(_WAITS.format(**lists), parameters)
        first, longest = cursor.fetchone()
    return first or 0, longest


def holds_more(conversation: int, characters: int, *, upto: int) -> bool:
    """Whether the bodies stored up to a position have more characters than these together; many entries have in any case."""
    if upto > COUNTED:
        return True
    query = Event.objects.filter(conversation_id=conversation, position__lte=upto)
    return (query.aggregate(sum=Sum(Length("body")))["sum"] or 0) > characters


def crossed_after(conversation: int, position: int) -> int:
    """Position of the last event after `position` that crossed something out; 0 if there is none. While it stays, no body changes."""
    query = Event.objects.filter(conversation_id=conversation, position__gt=position, kind__in=PERMITTING)
    return query.aggregate(last=Max("position"))["last"] or 0


def octets(conversation: int, *, upto: int) -> int:
    """About how much there is up to a position: characters of the bodies stored, and octets of the files that are there."""
    bodies = Event.objects.filter(conversation_id=conversation, position__lte=upto).aggregate(sum=Sum(Length("body")))["sum"] or 0
    digests = Attachment.objects.filter(conversation_id=conversation, position__lte=upto).values_list("digest", flat=True)
    return int(bodies) + sum(blobs.size(digest) for digest in digests.iterator() if blobs.exists(digest))
