"""What somebody has sent and can still take back: an action and its form, durable, until it is performed or taken back.

Knows no action: the form is theirs, and only carried. Times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import models, transaction

SECOND = 1_000_000
LEASE = 30 * SECOND
"""How long one worker has it in hand; if it dies meanwhile, another one performs it again under the same key."""


class Held(models.Model):
    """One action that waits. `problem` says why it could not be performed: then it waits for its author alone."""

    conversation = models.BigIntegerField()
    agent = models.CharField(max_length=64)
    """Ref of its author."""
    name = models.CharField(max_length=80)
    action = models.CharField(max_length=32)
    form = models.TextField()
    key = models.CharField(max_length=100)
    at = models.BigIntegerField()
    """When it is performed."""
    lease = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=300, default="")
    code = models.CharField(max_length=32, default="")

    class Meta:
        db_table = "chat_held"
        constraints = [models.UniqueConstraint(fields=["conversation", "agent", "key"], name="held_once")]
        indexes = [models.Index(fields=["at"], condition=models.Q(problem=""), name="held_due")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A row as others handle it."""

    row: int
    conversation: int
    agent: str
    name: str
    action: str
    form: Mapping[str, Any]
    key: str
    at: int
    problem: str
    code: str


def keep(conversation: int, *, agent: str, name: str, action: str, form: Mapping[str, Any], key: str, seconds: int) -> Waiting:
    """Hold it back for so many seconds, from now on durable. The same key again is the same one, with its first form."""
    made = {"name": name[:80], "action": action, "form": orjson.dumps(form).decode(), "at": _now() + seconds * SECOND}
    row, _ = Held.objects.get_or_create(conversation=conversation, agent=agent, key=key, defaults=made)
    return _waiting(row)


def of(conversation: int) -> list[Waiting]:
    """What waits in a conversation, the oldest first."""
    return [_waiting(row) for row in Held.objects.filter(conversation=conversation).order_by("pk")[:50]]


def take_back(conversation: int, *, agent: str, key: str) -> Waiting | None:
    """Its author wants it back: it is performed no more. None if it is under way, or done.

    Under way is also what somebody died with: whether it is said already, nobody knows before it is performed again.
    """
    with transaction.atomic():
        row = Held.objects.filter(conversation=conversation, agent=agent, key=key).first()
        if row is None or not Held.objects.filter(pk=row.pk, lease=0).delete()[0]:
            return None
    return _waiting(row)


def due(*, limit: int = 50) -> list[Waiting]:
    """What is to be performed now, leased to the caller."""
    now = _now()
    rows = Held.objects.filter(problem="", at__lte=now).order_by("at")[:limit]
    return [_waiting(row) for row in rows if row.lease <= now and _leased(row, now)]


def done(row: int) -> None:
    Held.objects.filter(pk=row).delete()


def again(row: int) -> None:
    """It could not be tried: somebody else may."""
    Held.objects.filter(pk=row).update(lease=0)


def refused(row: int, *, problem: str, code: str) -> None:
    """It was not performed, and will not be: its author takes it back, and sees why."""
    Held.objects.filter(pk=row).update(lease=0, problem=problem[:300] or "It could not be done.", code=code[:32])


def forget(conversation: int) -> None:
    """Of a conversation whose content goes."""
    Held.objects.filter(conversation=conversation).delete()


def _leased(row: Held, now: int) -> bool:
    # Told apart from whoever takes it back, or in hand, at this very moment: one of the statements finds the row as it was read.
    return bool(Held.objects.filter(pk=row.pk, lease=row.lease, problem="").update(lease=now + LEASE))


def _waiting(row: Held) -> Waiting:
    return Waiting(
        row=row.pk,
        conversation=row.conversation,
        agent=row.agent,
        name=row.name,
        action=row.action,
        form=orjson.loads(row.form),
        key=row.key,
        at=row.at,
        problem=row.problem,
        code=row.code,
    )


def _now() -> int:
    return time.time_ns() // 1000
