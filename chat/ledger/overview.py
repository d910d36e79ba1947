"""A conversation as a whole at one of its positions, without walking it: who spoke, how much it holds, what was crossed out last.

Reads only; who may know it is decided above.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max, Min, Sum
from django.db.models.functions import Length

from chat.ledger.event import Audience
from chat.ledger.models import Event
from chat.ledger.triggers import PERMITTING

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
