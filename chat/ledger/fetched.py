"""What was fetched from mailboxes elsewhere: how far each folder was read, which mails are known, and which process is at it.

Knows tables and leases; how one speaks with a mailbox is the business of the room that fetches.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from chat.ledger.fetched_models import Fetched, Mailbox
from chat.ledger.models import Received

SECOND = 1_000_000
KEPT_DAYS = 400
"""For so long a mail is known again by its digest."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder was read: numbers below `next_uid` are done, as long as `validity` is the folder's own."""

    validity: int = 0
    next_uid: int = 0
    newest: int = 0


def hold(mailbox: str, holder: str, *, seconds: float) -> bool:
    """Take or renew the lease. False while somebody else has it."""
    now = _now()
    with transaction.atomic():
        Mailbox.objects.get_or_create(name=mailbox)
        free = Mailbox.objects.filter(Q(holder=holder) | Q(lease__lte=now), name=mailbox)
        return bool(free.update(holder=holder, lease=now + int(seconds * SECOND)))


def let_go(mailbox: str, holder: str) -> None:
    """Give the lease up at once, for the next one who asks."""
    with transaction.atomic():
        Mailbox.objects.filter(name=mailbox, holder=holder).update(holder="", lease=0)


def free() -> None:
    """Take leases back that a process left when it died. Only where one process alone holds the store: elsewhere they run out."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            Mailbox.objects.filter(lease__gt=0).update(holder="", lease=0)


def place(mailbox: str) -> Place:
    found = Mailbox.objects.filter(name=mailbox).first()
    return Place(found.validity, found.next_uid, found.newest) if found else Place()


def looked(mailbox: str) -> None:
    """All its folders were looked into just now."""
    with transaction.atomic():
        Mailbox.objects.filter(name=mailbox).update(newest=_now() // SECOND)


def since_look(mailbox: str) -> int | None:
    """Seconds since then; None if nobody ever came so far."""
    found = Mailbox.objects.filter(name=mailbox).values_list("newest", flat=True).first()
    return max(0, _now() // SECOND - found) if found else None


def begin(mailbox: str, *, validity: int, next_uid: int) -> None:
    """The folder is new to us, or its numbers are: read on from here."""
    with transaction.atomic():
        Mailbox.objects.update_or_create(name=mailbox, defaults={"validity": validity, "next_uid": next_uid})


def took(mailbox: str, *, validity: int, uid: int, digest: str, came: int) -> None:
    """This one is durable here, or was known: never again."""
    with transaction.atomic():
        Fetched.objects.get_or_create(mailbox=mailbox, validity=validity, uid=uid, defaults={"digest": digest, "at": _now()})
        Mailbox.objects.filter(name=mailbox, validity=validity, next_uid__lte=uid).update(next_uid=uid + 1)
        Mailbox.objects.filter(name=mailbox, newest__lt=came).update(newest=came)


def known(digest: str) -> bool:
    """Whether these very bytes came in before, through this door or another one."""
    return Fetched.objects.filter(digest=digest).exists() or Received.objects.filter(digest=digest).exists()


def taken(mailbox: str, *, validity: int, uids: Collection[int]) -> set[int]:
    """Which of these numbers are done."""
    rows = Fetched.objects.filter(mailbox=mailbox, validity=validity, uid__in=list(uids))
    return set(rows.values_list("uid", flat=True))


def forget() -> int:
    """Let go of what was taken long ago. Returns how many."""
    with transaction.atomic():
        gone, _ = Fetched.objects.filter(at__lt=_now() - KEPT_DAYS * 86_400 * SECOND).delete()
    return gone


def _now() -> int:
    return time.time_ns() // 1000
