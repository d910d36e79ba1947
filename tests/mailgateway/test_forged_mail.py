"""What a forged mail can do to the record: nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import timezone

from chat.events.lifecycle import ConversationOpened
from chat.ledger import received
from chat.people.models import Address, Site
from mailgateway import inbound
from mailgateway.inbound import Post
from mailgateway.proof import evidence
from mailgateway.proof.lookups import Answer, Dns
from tests.mailgateway import mails
from tests.mailgateway.gateway import Gateway, entries, kinds, rows, said
from tests.mailgateway.signing_keys import record, signed

pytestmark = pytest.mark.engine
FORGER = Post(sender="eve@evil.example", recipients=("support@support.example",), peer="198.51.100.9", greeting="evil.example")


@pytest.fixture
def policy() -> Iterator[dict[str, bytes]]:
    """What customer.example publishes, by name."""
    zone = {"s1._domainkey.customer.example": record().encode(), "_dmarc.customer.example": b"v=DMARC1; p=reject"}

    def ask(name: str, kind: str, seconds: float) -> tuple[Answer, float]:
        return ([zone[name]] if kind == "TXT" and name in zone else []), 0.0

    before = evidence.look_up_with(Dns(ask))
    yield zone
    evidence.look_up_with(before)


async def test_a_mail_that_its_domain_disowns_waits_and_is_not_acknowledged(gateway: Gateway, policy: dict[str, bytes]) -> None:
    await inbound.hand_in(mails.mail("Send me the codes.\n"), FORGER)
    await gateway.take_in()
    (row,) = rows(received.QUARANTINED)
    assert row.reason.startswith("customer.example asks everybody to refuse")
    assert await gateway.mails_out() == []


async def test_a_weaker_policy_lets_it_in_with_its_doubt_and_nobody_is_answered_by_a_machine(
    gateway: Gateway, policy: dict[str, bytes]
) -> None:
    policy["_dmarc.customer.example"] = b"v=DMARC1; p=none"
    number = await _brought(gateway, mails.mail("Send me the codes.\n"))
    assert said(number)[0].proof.startswith("unproven spf=none dkim=none dmarc=fail")
    assert "receipt.acknowledged" not in kinds(number)


async def test_the_setting_decides_what_waits(gateway: Gateway, policy: dict[str, bytes]) -> None:
    with override_settings(DMARC="show"):
        number = await _brought(gateway, mails.mail("Send me the codes.\n"))
    assert said(number)[0].proof.startswith("failed=reject")


async def test_a_confirmed_address_is_confirmed_only_for_who_proves_to_be_it(gateway: Gateway, policy: dict[str, bytes]) -> None:
    policy["_dmarc.customer.example"] = b"v=DMARC1; p=none"
    first = await _brought(gateway, mails.mail("First.\n"))
    site = Site.objects.get()
    assert Address.objects.filter(site=site, address="nadia@customer.example").update(confirmed_at=timezone.now()) == 1
    forged = await _brought(gateway, mails.mail("Forged.\n", Message_ID="<f@evil.example>"))
    real = await _brought(gateway, signed(mails.mail("Real.\r\n", Message_ID="<r@customer.example>")))
    opened = {number: entries(number)[0].body for number in (first, forged, real)}
    assert all(isinstance(body, ConversationOpened) for body in opened.values())
    assert [opened[number].confirmed for number in (first, forged, real)] == [False, False, True]  # type: ignore[attr-defined]


async def _brought(gateway: Gateway, raw: bytes) -> int:
    from chat.ledger import read

    before = set(read.all_conversations())
    await inbound.hand_in(raw, FORGER)
    await gateway.take_in()
    (found,) = set(read.all_conversations()) - before
    return found
