"""What announcements that got lost would have told: how far conversations are, read from the ledger in bounded steps.

Knows nobody who listens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chat.ledger.models import Conversation, Event

AT_ONCE = 1_000
"""Conversations looked up by one statement."""
PAGE = 2_000
"""Events read by one statement."""
MOST = 50_000
"""Events looked back over at most."""


def positions(conversations: Sequence[int]) -> dict[int, int]:
    """How far each of these conversations is."""
    found: dict[int, int] = {}
    for first in range(0, len(conversations), AT_ONCE):
        some = conversations[first : first + AT_ONCE]
        found.update(Conversation.objects.filter(pk__in=some).values_list("pk", "position"))
    return found


def lately(since: int) -> dict[int, int]:
    """How far each conversation is that got an event since a moment (microseconds since 1970); of very many, the latest."""
    found: dict[int, int] = {}
    for conversation, position in _backwards(since):
        found[conversation] = max(position, found.get(conversation, 0))
    return found


def _backwards(since: int) -> Iterator[tuple[int, int]]:
    before: int | None = None
    for _ in range(MOST // PAGE):
        rows = Event.objects.order_by("-id").values_list("id", "conversation_id", "position", "at")
        page = list((rows if before is None else rows.filter(id__lt=before))[:PAGE])
        fresh = [(conversation, position) for _, conversation, position, at in page if at >= since]
        yield from fresh
        # Ids and times run alike but for what several processes wrote side by side: a page without anything fresh is the end.
        if not fresh or len(page) < PAGE:
            return
        before = page[-1][0]
