"""Nadia asks on her record's page for everything to go: only with a code from her mailbox, and she can take it back."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from django.test import AsyncClient, override_settings

from chat.events.erasure import ErasureAsked, ErasureNoticed
from chat.events.lifecycle import ConversationOpened
from chat.ledger import deliveries, read
from chat.ledger.append import Command, Fact, Joins, Opens, append
from chat.ledger.event import Audience
from chat.people import codes, links, visitors
from chat.people.codes import CodeMail
from chat.people.models import Customer, Link
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


@pytest.fixture
def mailbox() -> Iterator[list[CodeMail]]:
    # The gateway registers its own way when it is loaded: not after this one.
    importlib.import_module("mailgateway.sending.code_mail")
    mails: list[CodeMail] = []
    before = list(codes._carriers)
    codes.register_carrier(mails.append)
    yield mails
    codes._carriers[:] = before


async def _opened(conversation: int, customer: Customer, site: int) -> AsyncClient:
    token = visitors.new_token(site)
    known = visitors.recognise(token)
    assert known is not None
    Customer.objects.filter(pk=customer.pk).update(visitor=known.digest)
    browser = AsyncClient()
    secret = links.issue(conversation, customer.ref).path.partition("#")[2]
    assert (await browser.post("/r/redeem", {"secret": secret, "visitor": token})).status_code == 302
    return browser


def _state(conversation: int):  # type: ignore[no-untyped-def]
    head = read.head(conversation)
    assert head is not None
    return head.state


async def test_a_code_begins_the_wait_and_she_is_told_by_mail(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case.conversation, case.nadia, case.site.pk)
    address = f"/r/{case.conversation}/erase"
    page = (await browser.post(address)).content.decode()
    assert codes.masked(ADDRESS) in page
    assert ADDRESS not in page
    assert _state(case.conversation).erasing == 0
    wrong = await browser.post(f"{address}/code", {"code": "000000" if mailbox[0].code != "000000" else "111111"})
    assert wrong.status_code == 403
    assert _state(case.conversation).erasing == 0
    done = await browser.post(f"{address}/code", {"code": mailbox[0].code, "words": "I do not need it."})
    assert done.status_code == 302
    asked, noticed = list(read.events(case.conversation, audience=Audience.EVERYONE))[-2:]
    assert isinstance(asked.body, ErasureAsked)
    assert (asked.body.words, asked.actor) == ("I do not need it.", case.nadia.ref)
    assert isinstance(noticed.body, ErasureNoticed)
    assert noticed.body.day in noticed.sentence
    assert deliveries.of(case.conversation, noticed.position, "email") is not None
    assert _state(case.conversation).dues["erase"] == asked.body.until
    again = await browser.post(f"{address}/code", {"code": mailbox[0].code})
    assert again.status_code == 403, "A code is good once."
    back = await browser.post(f"{address}/withdraw")
    assert back.status_code == 302
    assert _state(case.conversation).erasing == 0
    assert (await browser.post(f"{address}/withdraw")).status_code == 409


async def test_a_script_is_answered_in_json(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case.conversation, case.nadia, case.site.pk)
    headers = {"Accept": "application/json"}
    asked = await browser.post(f"/r/{case.conversation}/erase", headers=headers)
    assert asked.json() == {"to": codes.masked(ADDRESS), "problem": ""}
    done = await browser.post(f"/r/{case.conversation}/erase/code", {"code": mailbox[0].code}, headers=headers)
    assert done.json() == {"done": True}


@pytest.mark.parametrize("path", ["erase", "erase/code", "erase/withdraw"])
async def test_a_browser_without_the_record_gets_the_same_404(case: NadiasCase, path: str) -> None:
    stranger = AsyncClient()
    there = await stranger.post(f"/r/{case.conversation}/{path}")
    nowhere = await stranger.post(f"/r/1234/{path}")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert (await stranger.get(f"/r/{case.conversation}/{path}")).status_code == 405


async def test_somebody_who_only_takes_part_cannot_ask_for_it(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    omar = Customer.objects.create(site=case.site, name="Omar")
    fact = Fact(conversation=case.conversation, body=ErasureNoticed(until=1, day="x"), actor=omar.ref, channel="system", key="omar")
    await append(Command(facts=(fact,), rows=(Joins(conversation=case.conversation, ref=omar.ref),)))
    browser = await _opened(case.conversation, omar, case.site.pk)
    assert (await browser.post(f"/r/{case.conversation}/erase")).status_code == 404
    assert mailbox == []


async def test_without_an_address_the_browser_that_chatted_decides_and_no_link_that_was_passed_on(case: NadiasCase) -> None:
    omar = Customer.objects.create(site=case.site, name="Omar")
    opened = ConversationOpened(by="Omar", customer=omar.ref, subject="A lamp")
    fact = Fact(conversation=88, body=opened, actor=omar.ref, channel="widget", key="o")
    opens = Opens(conversation=88, site=case.site.pk, source="widget", key="omar")
    await append(Command(facts=(fact,), opens=opens, rows=(Joins(conversation=88, ref=omar.ref),)))
    browser = await _opened(88, omar, case.site.pk)
    Link.objects.update(bearer=True)
    assert (await browser.post("/r/88/erase")).status_code == 403
    Link.objects.update(bearer=False)
    assert (await browser.post("/r/88/erase")).status_code == 302
    assert _state(88).erasing
