"""When the time of a record is over, every door to it answers as if it had never been there; until then its page says the day."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from django.test import AsyncClient, override_settings

from chat.actions import ending
from chat.actions.action import perform
from chat.ledger import keeping, read
from chat.ledger.append import NoSuchConversation
from chat.ledger.keeping import DAY
from chat.live.who import by_link
from chat.people import links, visitors
from chat.people.models import Customer
from chat.transcripts.clock import Clock
from tests.chat.nadia import NadiasCase

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


async def _opened(case: NadiasCase) -> tuple[AsyncClient, dict[str, str]]:
    """Nadia's own browser with the record open, and what it posted for that."""
    token = visitors.new_token(case.site.pk)
    known = visitors.recognise(token)
    assert known is not None
    await read.in_thread(lambda: Customer.objects.filter(pk=case.nadia.pk).update(visitor=known.digest))
    path = (await read.in_thread(links.issue, case.conversation, case.nadia.ref)).path
    browser, form = AsyncClient(), {"secret": path.partition("#")[2], "visitor": token}
    assert (await browser.post("/r/redeem", form)).status_code == 302
    return browser, form


async def _ended(case: NadiasCase) -> None:
    now = time.time_ns() // 1000
    for days in (150, 200):
        await read.in_thread(lambda days=days: ending.run({case.site.pk: case.site}, now=now + days * DAY))


async def test_the_page_tells_the_day_and_the_choice_to_keep_it_longer(case: NadiasCase) -> None:
    browser, _ = await _opened(case)
    head = await read.in_thread(read.head, case.conversation)
    assert head is not None
    day = Clock(case.site.zone).plain_date(keeping.ends_at(head.state, keep_days=180))
    page = (await browser.get(f"/r/{case.conversation}/")).content.decode()
    assert day in page
    answer = await browser.post(f"/r/{case.conversation}/keep-longer", {"years": "3"})
    assert answer.status_code == 302
    head = await read.in_thread(read.head, case.conversation)
    assert head is not None
    assert keeping.ends_at(head.state, keep_days=180) > time.time_ns() // 1000 + 1095 * DAY


async def test_every_door_is_the_same_404_afterwards(case: NadiasCase) -> None:
    browser, form = await _opened(case)
    session = await read.in_thread(links.session_of, {links.COOKIE: browser.cookies[links.COOKIE].value}, case.conversation)
    assert session is not None
    await _ended(case)
    never = await browser.get("/r/7100009999999999/")
    for answer in (
        await browser.get(f"/r/{case.conversation}/"),
        await browser.get(f"/r/{case.conversation}/entries"),
        await browser.post(f"/r/{case.conversation}/save/text"),
        await browser.post(f"/r/{case.conversation}/keep-longer", {"years": "3"}),
    ):
        assert answer.status_code == never.status_code == 404
    unknown = await AsyncClient().post("/r/redeem", {"secret": "x" * 32})
    gone = await AsyncClient().post("/r/redeem", form)
    assert gone.status_code == unknown.status_code == 404
    assert _TOKEN.sub(b"", gone.content) == _TOKEN.sub(b"", unknown.content)
    with pytest.raises(NoSuchConversation):
        await perform(by_link(session), "say", {"text": "Hello?"}, key="k", channel="widget", conversation=case.conversation)
