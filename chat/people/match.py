"""Who is this: find or make the customer behind a visitor token or a mail address. Finding never widens what anybody may see."""

from __future__ import annotations

from typing import Protocol

from django.db import IntegrityError, transaction

from chat.people.models import Address, Customer, Site


class Visiting(Protocol):
    """What is known of somebody in the widget: a ref once they have one, else the digest of their token."""

    @property
    def ref(self) -> str: ...
    @property
    def visitor(self) -> str: ...


def customer_of_visitor(site: Site, who: Visiting, *, name: str = "", address: str = "") -> Customer:
    """The customer of this browser, made at the first conversation. A typed address is kept as typed: it opens nothing."""
    if who.ref:
        customer = Customer.objects.get(pk=int(who.ref.partition(":")[2]))
    else:
        try:
            with transaction.atomic():
                customer, _ = Customer.objects.get_or_create(visitor=who.visitor, defaults={"site": site, "name": name})
        except IntegrityError:
            customer = Customer.objects.get(visitor=who.visitor)
    if name and name != customer.name:
        Customer.objects.filter(pk=customer.pk).update(name=name)
    if address:
        typed(customer, address)
    return customer


def customer_by_mail(site: Site, address: str, name: str = "") -> Customer:
    """A customer for somebody who writes by mail: the latest one who confirmed this address, or who came by mail with it; else a new one.

    A visitor who only typed the address is somebody else until they prove it.
    """
    known = Address.objects.filter(site=site, address=address.lower()).select_related("customer").order_by("-id")
    proven = known.filter(confirmed_at__isnull=False).first() or known.filter(customer__visitor__isnull=True).first()
    if proven is not None:
        return proven.customer
    with transaction.atomic():
        customer = Customer.objects.create(site=site, name=name)
        typed(customer, address)
    return customer


def typed(customer: Customer, address: str) -> Address:
    """Note an address as typed; one that is confirmed already stays so."""
    row, _ = Address.objects.get_or_create(customer=customer, address=address.lower(), defaults={"site": customer.site})
    return row
