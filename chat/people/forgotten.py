"""A person is erased: what the tables of people know of them goes. The row itself stays, for records name it by its number.

Knows nothing of what was said.
"""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from chat.people import gathered, pausing
from chat.people.models import Address, Customer, Link, Upload


def since(ref: str) -> str:
    """When a customer came first; empty if there is none."""
    customer = _customer(ref)
    return customer.created_at.isoformat() if customer else ""


def forget(ref: str) -> list[str]:
    """Remove name, addresses, browser, uploads, links and half-done sign-ins of a customer. Gives the digests of files that were
    uploaded and now have one owner less. Again finds nothing."""
    customer = _customer(ref)
    if customer is None:
        return []
    addresses = list(Address.objects.filter(customer=customer).values_list("address", flat=True))
    uploads = Upload.objects.filter(owner__in=[ref, f"visitor:{customer.visitor}"])
    digests = list(uploads.values_list("digest", flat=True))
    _end_sessions(addresses)
    with transaction.atomic():
        uploads.delete()
        gathered.forget(customer.site_id, addresses)
        pausing.forget(customer.site_id, addresses)
        Address.objects.filter(customer=customer).delete()
        Link.objects.filter(ref=ref, revoked_at=None).update(revoked_at=timezone.now())
        Customer.objects.filter(pk=customer.pk).update(name="", visitor=None)
    return digests


def _customer(ref: str) -> Customer | None:
    side, _, number = ref.partition(":")
    return Customer.objects.filter(pk=int(number)).first() if side == "customer" and number.isdigit() else None


def _end_sessions(addresses: list[str]) -> None:
    """Sessions in which one of these was asked for a code hold the address."""
    for session in Session.objects.iterator() if addresses else ():
        known = str(session.get_decoded()).lower()
        if any(address in known for address in addresses):
            session.delete()
