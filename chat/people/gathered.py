"""What a person asked to take away with everything of theirs: of which conversations it is made, until when it may be fetched.

One for each person at a time. Knows no file; a person stands here as a keyed digest of their address.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import models

from chat.people import found
from chat.people.keys import key_for
from chat.people.models import Customer

LASTS = 24 * 3600
"""Seconds."""
_SECOND = 1_000_000


class Gathered(models.Model):
    """One archive of everything. Times are microseconds since 1970."""

    person = models.CharField(max_length=64, unique=True)
    contents = models.TextField()
    made_at = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        db_table = "chat_gathered"


def person_of(site: int, address: str) -> str:
    """The digest that stands for whoever reads this mailbox, with one site."""
    return hmac.new(key_for("person"), f"{site}\0{address.lower()}".encode(), hashlib.sha256).hexdigest()


def refs_of(site: int, address: str) -> list[str]:
    """The customers of a site who are whoever reads this mailbox (see `found.proven`)."""
    return [Customer(pk=pk).ref for pk in found.proven(address, site=site)]


def kept(person: str) -> Gathered | None:
    """What this person may still fetch."""
    return Gathered.objects.filter(person=person, until__gt=_now()).first()


def by_id(row: int, made_at: int) -> Gathered | None:
    """The one that a browser was let in to, if it was not replaced or is over."""
    return Gathered.objects.filter(pk=row, made_at=made_at, until__gt=_now()).first()


def keep(person: str, contents: dict[str, Any], *, made_at: int) -> Gathered:
    """Note a new one in place of the one before; what is over goes."""
    Gathered.objects.filter(until__lte=_now()).delete()
    told = {"contents": orjson.dumps(contents).decode(), "made_at": made_at, "until": made_at + LASTS * _SECOND}
    return Gathered.objects.update_or_create(person=person, defaults=told)[0]


def forget(site: int, addresses: Iterable[str]) -> None:
    """Nobody fetches anything any more that was gathered for whoever reads these mailboxes."""
    Gathered.objects.filter(person__in=[person_of(site, address) for address in addresses]).delete()


def _now() -> int:
    return time.time_ns() // 1000
