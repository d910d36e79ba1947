"""Finding a person for an administrator: by name, address or reference, within one site. Knows nothing of what was said."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from django.db.models import Q

from chat.people.models import Address, Customer, Site

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer row: somebody who came in one browser, or by mail from one address."""

    ref: str
    number: int
    name: str
    addresses: tuple[tuple[str, bool], ...]
    """Each with whether it is confirmed."""
    in_browser: bool
    site: str
    since: str
    """When they came first, as ISO 8601."""


def find(site: Site, words: str) -> list[Person]:
    """People of a site whose name or address holds these words, or whose reference it is; the latest first, MOST at most."""
    asked = words.strip()[:254]
    if not asked:
        return []
    number = asked.removeprefix("customer:")
    fits = Q(name__icontains=asked) | Q(addresses__address__contains=asked.lower())
    if number.isascii() and number.isdigit() and len(number) < 19:
        fits |= Q(pk=int(number))
    numbers = Customer.objects.filter(fits, site=site).order_by("-pk").values_list("pk", flat=True).distinct()[:MOST]
    return [person(row) for row in Customer.objects.filter(pk__in=list(numbers)).order_by("-pk")]


def one(site: Site, number: int) -> Person | None:
    row = Customer.objects.filter(site=site, pk=number).first()
    return person(row) if row else None


def by_number(number: int) -> Person | None:
    """Whoever it is, of whichever site."""
    row = Customer.objects.filter(pk=number).first()
    return person(row) if row else None


def by_address(address: str) -> list[Person]:
    """Everybody who is whoever reads this mailbox (see `proven`)."""
    return [person(row) for row in Customer.objects.filter(pk__in=proven(address)).order_by("pk")]


def proven(address: str, *, site: int | None = None) -> list[int]:
    """Numbers of the customers who confirmed this address, or are known by nothing else, since they came by mail; of one site or of all.

    A visitor who only typed the address is somebody else until they prove it.
    """
    rows = Address.objects.filter(address=address.lower(), **({} if site is None else {"site_id": site}))
    rows = rows.filter(Q(confirmed_at__isnull=False) | Q(customer__visitor__isnull=True))
    return list(rows.order_by("customer_id").values_list("customer_id", flat=True))


def told(one: Person) -> bytes:
    """What the tables of people know about somebody, as JSON."""
    known = {
        "ref": one.ref,
        "site": one.site,
        "name": one.name,
        "addresses": [{"address": address, "confirmed": confirmed} for address, confirmed in one.addresses],
        "known_in_a_browser": one.in_browser,
        "since": one.since,
    }
    return orjson.dumps(known, option=orjson.OPT_INDENT_2)


def person(row: Customer) -> Person:
    known = Address.objects.filter(customer=row).order_by("pk").values_list("address", "confirmed_at")
    return Person(
        ref=row.ref,
        number=int(row.pk),
        name=row.name,
        addresses=tuple((address, at is not None) for address, at in known),
        in_browser=row.visitor is not None,
        site=row.site.name,
        since=row.created_at.isoformat(),
    )
