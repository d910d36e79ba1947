"""Which addresses get no more mail for now: those that bounced again and again, and those whose owner called our mail spam.

An address stands here as a keyed digest. Knows no mail and no conversation beyond their numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db import IntegrityError, models, transaction

from chat.people.gathered import person_of

HARD, SOFT, COMPLAINT = "hard", "soft", "complaint"
MOST_HARD = 2
"""So many mails that found nobody there, within WINDOW."""
MOST_SOFT = 5
"""So many mails that did not arrive for any reason, within WINDOW and over SOFT_SPREAD at least: a bad week is no reason."""
WINDOW = 30 * 24 * 3600
SOFT_SPREAD = 7 * 24 * 3600
"""Seconds."""
LOOKED_AT = 100
_SECOND = 1_000_000


class Unreached(models.Model):
    """One report that a mail did not reach an address, or was not wanted there. Times are microseconds since 1970."""

    person = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    conversation = models.BigIntegerField()
    position = models.BigIntegerField()
    """Which mail: the event it carried."""
    at = models.BigIntegerField()

    class Meta:
        db_table = "chat_unreached"
        constraints = [models.UniqueConstraint(fields=["person", "kind", "conversation", "position"], name="unreached_once")]


def note(site: int, address: str, kind: str, *, conversation: int, position: int, now: float = 0) -> bool:
    """Keep a report in mind, once. True if it is the one by which the address is paused. Asked again, it gives the same answer."""
    if not address:
        return False
    at = int((now or time.time()) * _SECOND)
    rows = Unreached.objects.filter(person=person_of(site, address))
    row = rows.filter(kind=kind, conversation=conversation, position=position).first()
    if row is None:
        try:
            with transaction.atomic():
                rows.filter(at__lt=at - WINDOW * _SECOND).exclude(kind=COMPLAINT).delete()
                row = rows.create(person=person_of(site, address), kind=kind, conversation=conversation, position=position, at=at)
        except IntegrityError:
            return False
    told = [(one.kind, one.at) for one in rows.filter(pk__lte=row.pk).order_by("-pk")[:LOOKED_AT]]
    return bool(_judged(told, at)) and not _judged(told[1:], at)


def paused(site: int, address: str, *, now: float = 0) -> str:
    """hard | soft | complaint, if nothing may be sent there for now; else empty. Hard and soft end by themselves after WINDOW."""
    if not address:
        return ""
    told = Unreached.objects.filter(person=person_of(site, address)).order_by("-pk").values_list("kind", "at")[:LOOKED_AT]
    return _judged(list(told), int((now or time.time()) * _SECOND))


def lift(site: int, address: str) -> bool:
    """Forget what was reported: somebody decided so, its owner wrote, or a mail arrived. False if there was nothing."""
    rows = Unreached.objects.filter(person=person_of(site, address))
    if not address or not rows.exists():
        return False
    with transaction.atomic():
        rows.delete()
    return True


def arrived(site: int, address: str) -> None:
    """A mail reached it, or its owner wrote: what did not arrive before counts no more. A complaint stays."""
    rows = Unreached.objects.filter(person=person_of(site, address)).exclude(kind=COMPLAINT)
    if address and rows.exists():
        with transaction.atomic():
            rows.delete()


def forget(site: int, addresses: Iterable[str]) -> None:
    """For those who are erased."""
    Unreached.objects.filter(person__in=[person_of(site, address) for address in addresses]).delete()


def _judged(told: list[tuple[str, int]], now: int) -> str:
    if any(kind == COMPLAINT for kind, _ in told):
        return COMPLAINT
    since = now - WINDOW * _SECOND
    if sum(1 for kind, at in told if kind == HARD and at >= since) >= MOST_HARD:
        return HARD
    times = [at for _, at in told if at >= since]
    if len(times) >= MOST_SOFT and max(times) - min(times) >= SOFT_SPREAD * _SECOND:
        return SOFT
    return ""
