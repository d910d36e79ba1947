"""Links to a record are its reader's own: listed, made after a code, cancelled one by one; other conversations open after a code too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import AsyncClient, override_settings

from chat.events.lifecycle import ConversationOpened, CustomerIntroduced
from chat.ledger import read
from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
from chat.ledger.event import Audience
from chat.people import codes, links, visitors
from chat.people.codes import CodeMail
from chat.people.models import Address, Customer, Link
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    found = NadiasCase(confirmed=True).tell()
    Address.objects.create(customer=found.nadia, site=found.site, address=ADDRESS, confirmed_at="2026-11-21T10:00:00Z")
    return found


@pytest.fixture
def mailbox(database: str) -> Iterator[list[CodeMail]]:
    """Nadia's mailbox for codes."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns, "The gateway registers its own way out when the addresses are gathered."
    mails: list[CodeMail] = []
    before = list(codes._carriers)
    codes.register_carrier(mails.append)
    yield mails
    codes._carriers[:] = before


async def _opened(case: NadiasCase, *, bearer: bool = False) -> AsyncClient:
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref, bearer=bearer).path.partition("#")[2]
    form = {"secret": secret} if bearer else {"secret": secret, "visitor": _own_token(case)}
    assert (await browser.post("/r/redeem", form)).status_code == 302
    return browser


def _own_token(case: NadiasCase) -> str:
    token = visitors.new_token(case.site.pk)
    known = visitors.recognise(token)
    assert known is not None
    Customer.objects.filter(pk=case.nadia.pk).update(visitor=known.digest)
    return token


async def _page(browser: AsyncClient, case: NadiasCase) -> str:
    answer = await browser.get(f"/r/{case.conversation}/")
    assert answer.status_code == 200
    return answer.content.decode()


async def _prove(browser: AsyncClient, case: NadiasCase, mailbox: list[CodeMail]) -> None:
    asked = await browser.post(f"/r/{case.conversation}/code")
    assert "n…@customer.example" in asked.content.decode()
    given = await browser.post(f"/r/{case.conversation}/code/given", {"code": mailbox[-1].code})
    assert (given.status_code, given["Location"]) == (302, f"/r/{case.conversation}/#yours")


def _another(case: NadiasCase, *, subject: str, confirmed: bool) -> int:
    """An earlier conversation from another browser; the address was confirmed there, or only typed."""
    customer = Customer.objects.create(site=case.site, name="Nadia", visitor=f"{subject:0<64}"[:64])
    Address.objects.create(customer=customer, site=case.site, address=ADDRESS, confirmed_at="2026-11-01T00:00:00Z" if confirmed else None)
    conversation = case.conversation + 10**9 + customer.pk
    opened = ConversationOpened(by="Nadia", customer=customer.ref, subject=subject, address=ADDRESS)
    append_sync(
        Command(
            facts=(Fact(conversation=conversation, body=opened, actor=customer.ref, channel="widget", key="open"),),
            opens=Opens(conversation=conversation, site=case.site.pk, source="widget", key=f"open-{conversation}"),
            rows=(Joins(conversation=conversation, ref=customer.ref),),
        )
    )
    return conversation


async def test_a_link_she_copied_opens_in_any_browser_without_a_code(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case, bearer=True)
    assert "Heron" in await _page(browser, case)
    assert mailbox == []


async def test_a_new_link_needs_a_fresh_code_and_is_shown_once(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case)
    assert "Make another link" not in await _page(browser, case)
    assert (await browser.post(f"/r/{case.conversation}/links")).status_code == 403
    await _prove(browser, case, mailbox)
    assert "Make another link" in await _page(browser, case)
    made = (await browser.post(f"/r/{case.conversation}/links")).content.decode()
    found = re.search(r"/r/#([\w-]+)", made)
    assert found is not None
    assert found[1] not in await _page(browser, case)
    elsewhere = AsyncClient()
    assert (await elsewhere.post("/r/redeem", {"secret": found[1]})).status_code == 302
    assert "Heron" in await _page(elsewhere, case)
    kinds = [entry.kind for entry in read.events(case.conversation, audience=Audience.EVERYONE)]
    assert kinds[-2:] == ["link.issued", "link.redeemed"]


async def test_a_wrong_code_opens_nothing_more(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case)
    await browser.post(f"/r/{case.conversation}/code")
    wrong = "000000" if mailbox[0].code != "000000" else "000001"
    answer = await browser.post(f"/r/{case.conversation}/code/given", {"code": wrong})
    assert answer.status_code == 403
    assert "That is not the code" in answer.content.decode()
    assert "Make another link" not in await _page(browser, case)


async def test_without_any_address_her_own_browser_makes_links_and_a_copied_one_does_not(database: str) -> None:
    case = NadiasCase()
    customer = Customer.objects.create(site=case.site, name="Nadia")
    conversation = case.conversation + 10**9
    opened = ConversationOpened(by="Nadia", customer=customer.ref, subject="Lamp")
    append_sync(
        Command(
            facts=(Fact(conversation=conversation, body=opened, actor=customer.ref, channel="widget", key="open"),),
            opens=Opens(conversation=conversation, site=case.site.pk, source="widget", key="open-lamp"),
            rows=(Joins(conversation=conversation, ref=customer.ref),),
        )
    )
    case.conversation, case.nadia = conversation, customer
    own, copied = await _opened(case), await _opened(case, bearer=True)
    assert (await own.post(f"/r/{conversation}/links")).status_code == 200
    assert (await copied.post(f"/r/{conversation}/links")).status_code == 403
    assert "Your conversations" not in await _page(own, case)


async def test_she_cancels_one_link_and_keeps_the_other(case: NadiasCase) -> None:
    browser, lent = await _opened(case), await _opened(case, bearer=True)
    other = Link.objects.get(conversation=case.conversation, bearer=True)
    answer = await browser.post(f"/r/{case.conversation}/links/{other.pk}/cancel")
    assert (answer.status_code, answer["Location"]) == (302, f"/r/{case.conversation}/#links")
    assert (await lent.get(f"/r/{case.conversation}/")).status_code == 404
    assert "Heron" in await _page(browser, case)


async def test_whoever_was_lent_a_link_manages_that_one_alone(case: NadiasCase) -> None:
    await _opened(case)
    own = Link.objects.get(conversation=case.conversation, bearer=False)
    lent = await _opened(case, bearer=True)
    assert f"/links/{own.pk}/cancel" not in await _page(lent, case)
    assert (await lent.post(f"/r/{case.conversation}/links/{own.pk}/cancel")).status_code == 404
    row = Link.objects.get(conversation=case.conversation, bearer=True).pk
    assert "cancelled" in (await lent.post(f"/r/{case.conversation}/links/{row}/cancel")).content.decode()


async def test_nobody_cancels_a_link_to_somebody_elses_record(case: NadiasCase) -> None:
    browser = await _opened(case)
    other = NadiasCase().tell()
    links.issue(other.conversation, other.nadia.ref)
    row = Link.objects.get(conversation=other.conversation).pk
    assert (await browser.post(f"/r/{case.conversation}/links/{row}/cancel")).status_code == 404
    assert (await browser.post(f"/r/{other.conversation}/links/{row}/cancel")).status_code == 404
    assert Link.objects.get(pk=row).revoked_at is None


async def test_her_other_conversations_are_listed_and_opened_after_a_code(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    hers = _another(case, subject="Which bulb fits the Wren?", confirmed=True)
    stranger = _another(case, subject="Somebody typed her address", confirmed=False)
    browser = await _opened(case)
    assert "Which bulb" not in await _page(browser, case)
    assert (await browser.post(f"/r/{case.conversation}/others/{hers}")).status_code == 404
    await _prove(browser, case, mailbox)
    page = await _page(browser, case)
    assert "Which bulb fits the Wren?" in page
    assert "Somebody typed" not in page
    assert (await browser.post(f"/r/{case.conversation}/others/{stranger}")).status_code == 404
    answer = await browser.post(f"/r/{case.conversation}/others/{hers}")
    assert (answer.status_code, answer["Location"]) == (302, f"/r/{hers}/")
    assert "Which bulb" in (await browser.get(f"/r/{hers}/")).content.decode()
    assert (await browser.get(f"/r/{stranger}/")).status_code == 404


async def test_a_code_from_one_mailbox_opens_nothing_of_another_that_is_named_afterwards(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    hers = _another(case, subject="Which bulb fits the Wren?", confirmed=True)
    own = "n.stranger@customer.example"
    case.add(CustomerIntroduced(by="Somebody", address=own))
    stranger = await _opened(case)
    await _prove(stranger, case, mailbox)
    assert mailbox[-1].to == own
    case.add(CustomerIntroduced(by="Somebody", address=ADDRESS))
    assert "Which bulb" not in await _page(stranger, case)
    assert (await stranger.post(f"/r/{case.conversation}/others/{hers}")).status_code == 404
    assert (await stranger.post(f"/r/{case.conversation}/links")).status_code == 403
    asked = await stranger.post("/r/everything", {"conversation": str(case.conversation)})
    assert (asked.status_code, mailbox[-1].to) == (200, ADDRESS)
    assert (await stranger.get("/r/everything")).status_code == 404


async def test_the_page_says_when_it_will_be_erased_and_takes_that_back(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _opened(case)
    assert "Delete early" in await _page(browser, case)
    await browser.post(f"/r/{case.conversation}/erase")
    answer = await browser.post(f"/r/{case.conversation}/erase/code", {"code": mailbox[-1].code})
    assert answer.status_code == 302
    page = await _page(browser, case)
    assert "You asked for this record to be erased on that day" in page
    assert "Delete early" not in page
    assert (await browser.post(f"/r/{case.conversation}/erase/withdraw")).status_code == 302
    assert "Delete early" in await _page(browser, case)


async def test_a_link_goes_to_her_confirmed_mailbox_at_her_wish(case: NadiasCase) -> None:
    browser = await _opened(case)
    answer = await browser.post(f"/r/{case.conversation}/mail-link")
    assert "on its way to your mailbox" in answer.content.decode()
    last = list(read.events(case.conversation, audience=Audience.EVERYONE))[-1]
    assert (last.kind, last.channel) == ("link.mailed", "email")


async def test_an_address_that_is_not_confirmed_is_mailed_no_link(database: str) -> None:
    case = NadiasCase(confirmed=False).tell()
    browser = await _opened(case)
    assert "Send a link to my e-mail" not in await _page(browser, case)
    assert (await browser.post(f"/r/{case.conversation}/mail-link")).status_code == 409
