"""Links to one conversation for one person: the secret stands in the fragment, only its digest is stored, a cookie holds what was opened.

Knows no page and nothing of what was said. Unknown, expired and cancelled links are alike to whoever asks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from chat.people import visitors
from chat.people.keys import key_for, keys_for
from chat.people.models import Customer, Link

COOKIE = "throughline_record"
COOKIE_LASTS = 30 * 24 * 3600
"""Seconds; a link that ends earlier ends its session with it."""
_AT_ONCE = 10
"""Links one browser holds open; the oldest makes room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A fresh link. `path` is told to the addressee and nobody else."""

    path: str
    link: str
    """Its name in the record: the first sixteen hex digits of the digest."""
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSession:
    """What a browser has opened with a link: one conversation, as one participant."""

    row: int
    link: str
    conversation: int
    ref: str
    name: str
    until: datetime


def issue(conversation: int, ref: str, *, keep_days: int = 180, name: str = "", bearer: bool = False) -> Issued:
    """A link for one participant. With a `name` (say, of the mail it goes into) the same call again gives the same link.

    A `bearer` link is one that the customer made for themselves: it opens in any browser without a code.
    """
    secret = _derived(conversation, ref, name) if name else secrets.token_urlsafe(24)
    until = timezone.now() + timedelta(days=max(keep_days, 1))
    made = {"conversation": conversation, "ref": ref, "expires_at": until, "bearer": bearer}
    row, _ = Link.objects.get_or_create(digest=_digest(secret), defaults=made)
    return Issued(path=f"/r/#{secret}", link=row.digest[:16], until=row.expires_at)


def path_of(conversation: int, ref: str, name: str) -> str:
    """The path of the link that `issue` made under this name. Looks nothing up."""
    return f"/r/#{_derived(conversation, ref, name)}"


def find(secret: str) -> Link | None:
    """The link of this secret, if it opens anything now."""
    return _alive().filter(digest=_digest(secret.strip()[:200])).first()


def opened(secret: str, visitor_token: str = "") -> LinkSession | None:
    """What a program opens with a link: one that its owner made to take along, or any with their own visitor token."""
    link = find(secret)
    return _session(link) if link and (link.bearer or belongs_to(link, visitor_token)) else None


def prolong(conversation: int, ref: str, *, until: datetime) -> None:
    """The links of this participant that still open something do so until then at least: as long as the record is kept."""
    _alive().filter(conversation=conversation, ref=ref, expires_at__lt=until).update(expires_at=until)


def cancel(row: int) -> None:
    """From now on the link opens nothing, and what was opened with it is closed."""
    Link.objects.filter(pk=row, revoked_at=None).update(revoked_at=timezone.now())


def belongs_to(link: Link, visitor_token: str) -> bool:
    """Whether this browser is the addressee's own, by its visitor token."""
    known = visitors.recognise(visitor_token)
    customer = visitors.customer_of(known) if known else None
    return customer is not None and customer.ref == link.ref


def with_link(cookies: Mapping[str, str], link: Link) -> str:
    """The cookie's value after this link was redeemed."""
    kept = [row for row in _rows(cookies.get(COOKIE, "")) if row != link.pk]
    return _signed([*kept, link.pk][-_AT_ONCE:])


def without_link(cookies: Mapping[str, str], row: int) -> str:
    """The cookie's value after signing out of one link; empty if none is left."""
    kept = [each for each in _rows(cookies.get(COOKIE, "")) if each != row]
    return _signed(kept) if kept else ""


def session_of(cookies: Mapping[str, str], conversation: int = 0) -> LinkSession | None:
    """What this browser has opened: the given conversation, or the latest one for 0. None if the link is cancelled or over."""
    rows = _rows(cookies.get(COOKIE, ""))
    if not rows:
        return None
    alive = {link.pk: link for link in _alive().filter(pk__in=rows)}
    for row in reversed(rows):
        link = alive.get(row)
        if link is not None and conversation in (0, link.conversation):
            return _session(link)
    return None


def session_of_row(cookies: Mapping[str, str], row: int) -> LinkSession | None:
    """What this browser has opened with one certain link."""
    link = _alive().filter(pk=row).first() if row in _rows(cookies.get(COOKIE, "")) else None
    return _session(link) if link else None


def _session(link: Link) -> LinkSession:
    customer = Customer.objects.filter(pk=int(link.ref.partition(":")[2] or 0)).first()
    return LinkSession(
        row=link.pk,
        link=link.digest[:16],
        conversation=link.conversation,
        ref=link.ref,
        name=customer.name if customer else "",
        until=link.expires_at,
    )


def _alive():  # type: ignore[no-untyped-def]  # Django's query sets have no type without its plugin
    return Link.objects.filter(revoked_at=None, expires_at__gt=timezone.now())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _derived(conversation: int, ref: str, name: str) -> str:
    mac = hmac.new(key_for("link"), f"{conversation}\0{ref}\0{name}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:24]).decode()


def _signed(rows: list[int]) -> str:
    text = f"{'-'.join(map(str, rows))}.{int(time.time())}"
    return f"{text}.{_mac(key_for(COOKIE), text)}"


def _rows(value: str) -> list[int]:
    """The links named in a cookie of ours, in the order they were opened; none if it is forged or too old."""
    text, _, mac = value.rpartition(".")
    if not text or not any(
        hmac.compare_digest(_mac(key, text).encode(), mac.encode("utf-8", "replace")) for key in keys_for(COOKIE).values()
    ):
        return []
    rows, _, made = text.partition(".")
    if int(made) + COOKIE_LASTS < time.time():
        return []
    return [int(row) for row in rows.split("-")]


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:40]
