"""Which addresses are ours, and how reply addresses look at hosts that do not deliver what stands behind a plus."""

from __future__ import annotations

from email.utils import parseaddr

import pytest
from django.conf import settings

from mailgateway import addresses
from tests.mailgateway.gateway import Gateway, reply, said, tag_of


@pytest.mark.parametrize(
    ("separator", "domain", "looks"),
    [
        ("+", "", "support+"),
        ("-", "", "support-"),
        ("=", "", "support="),
        ("+", "reply.support.example", ""),
        ("none", "", "support@support.example"),
    ],
)
async def test_an_answer_comes_back_whatever_the_host_delivers(
    gateway: Gateway, monkeypatch, separator: str, domain: str, looks: str
) -> None:
    conversation = await gateway.opened()
    monkeypatch.setattr(settings, "MAIL_SEPARATOR", separator)
    monkeypatch.setattr(settings, "MAIL_REPLY_DOMAIN", domain)
    await gateway.answer(conversation)
    ours = await gateway.last_mail()
    _, address = parseaddr(str(ours["Reply-To"]))
    assert address.startswith(looks) and address.endswith(domain or "support.example")
    # Where the address carries the tag it is enough; where it cannot, the references are.
    lost = {} if separator == "none" else {"In-Reply-To": "", "References": ""}
    await gateway.post(reply(ours, To=address, **lost), to=address)
    await gateway.take_in()
    assert [each.text for each in said(conversation)] == ["Where is my parcel?", "Thank you!"]


@pytest.mark.parametrize("now", ["+", "-", "none"])
async def test_mails_from_before_a_change_go_on_being_answered(gateway: Gateway, monkeypatch, now: str) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    ours = await gateway.last_mail()
    monkeypatch.setattr(settings, "MAIL_SEPARATOR", now)
    await gateway.post(reply(ours, **{"In-Reply-To": "", "References": ""}), to=tag_of(ours))
    await gateway.take_in()
    assert len(said(conversation)) == 2


async def test_bounces_come_back_to_an_address_that_is_taken(gateway: Gateway, monkeypatch) -> None:
    for separator, domain in (("+", ""), ("-", ""), ("=", ""), ("+", "reply.support.example"), ("none", "")):
        monkeypatch.setattr(settings, "MAIL_SEPARATOR", separator)
        monkeypatch.setattr(settings, "MAIL_REPLY_DOMAIN", domain)
        address = addresses.bounces_to(gateway.site, conversation=4, position=2, addressee=3)
        assert addresses.deliverable(address), address


def test_the_reply_domain_takes_tags_and_nothing_else(database: str, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_REPLY_DOMAIN", "reply.support.example")
    assert not addresses.deliverable("anybody@reply.support.example")
    assert not addresses.deliverable("support@elsewhere.example")
