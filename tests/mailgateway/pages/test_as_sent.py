"""A mail as it was sent is shown to those who see its entry, in a frame that can do nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import AsyncClient, override_settings

from chat.events.talk import MessageSaid, NoteAdded
from chat.ledger import blobs, read
from chat.ledger.event import Audience
from chat.live import limits
from chat.people import links
from tests.chat.nadia import NadiasCase
from tests.mailgateway import mails

MARKUP = '<p>Here it is: <img src="cid:lamp"></p><img src="https://x.example/open.gif"><script>alert(1)</script>'
RAW = mails.mail(MARKUP, Content_Type="text/html; charset=utf-8")


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    cache.clear()
    limits.clear()
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase()


@pytest.fixture
def address(case: NadiasCase) -> str:
    said = MessageSaid(by="Nadia", text="Here it is:", address="nadia@customer.example", subject="Lamp", original=blobs.store(RAW))
    return f"/as-sent/{case.conversation}/{case.add(said, channel='email')}/"


async def _tom(case: NadiasCase) -> AsyncClient:
    browser = AsyncClient()
    await browser.aforce_login(case.tom)
    return browser


async def test_the_frame_runs_nothing_and_loads_nothing(case: NadiasCase, address: str) -> None:
    answer = await (await _tom(case)).get(f"{address}page")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert b"Here it is:" in answer.content
    assert b"x.example" not in answer.content
    assert b"alert" not in answer.content


async def test_pictures_from_elsewhere_come_when_asked_for(case: NadiasCase, address: str) -> None:
    tom = await _tom(case)
    beside = (await tom.get(address)).content.decode()
    assert "Show remote images" in beside
    assert "nadia@customer.example" in beside
    assert f'src="{address}page"' in beside
    assert f'src="{address}page?pictures"' in (await tom.get(f"{address}?pictures")).content.decode()
    answer = await tom.get(f"{address}page?pictures")
    assert b'src="https://x.example/open.gif"' in answer.content
    assert "img-src data: https: http:" in answer["Content-Security-Policy"]


async def test_a_look_by_an_agent_is_written_down(case: NadiasCase, address: str) -> None:
    await (await _tom(case)).get(f"{address}page")
    kinds = [entry.kind for entry in await read.page(case.conversation, audience=Audience.AGENTS)]
    assert kinds[-1] == "staff.opened"


async def test_the_customer_sees_their_own_by_their_link(case: NadiasCase, address: str) -> None:
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref, bearer=True).path.partition("#")[2]
    await browser.post("/r/redeem", {"secret": secret})
    assert b"Here it is:" in (await browser.get(f"{address}page")).content
    record = (await browser.get(f"/r/{case.conversation}/")).content.decode()
    assert f'<a href="{address}">As you sent it' in record


async def test_others_learn_nothing(case: NadiasCase, address: str) -> None:
    stranger = AsyncClient()
    elsewhere = NadiasCase()
    other = await _tom(elsewhere)
    note = case.add(NoteAdded(by="Tom", text="x"), by=case.tom.ref, channel="inbox")
    for browser, path in ((stranger, address), (stranger, f"{address}page"), (other, f"{address}page")):
        assert (await browser.get(path)).status_code == 404
    tom = await _tom(case)
    for path in (
        f"/as-sent/{case.conversation}/{note}/page",
        f"/as-sent/{case.conversation}/999/",
        f"/as-sent/{2**70}/1/",
        "/as-sent/1/1/page",
    ):
        assert (await tom.get(path)).status_code == 404


async def test_a_mail_that_is_not_kept_any_more_is_not_found(case: NadiasCase, address: str) -> None:
    entry = await read.in_thread(read.entry, case.conversation, int(address.split("/")[3]))
    assert entry is not None
    await read.in_thread(blobs.remove_unreferenced, entry.values["original"])
    assert (await (await _tom(case)).get(f"{address}page")).status_code == 404


async def test_who_asks_for_very_many_is_told_to_wait(case: NadiasCase, address: str) -> None:
    tom = await _tom(case)
    while not limits.take("mail as sent", case.tom.ref):
        pass
    answer = await tom.get(f"{address}page")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3")


async def test_a_bomb_ends_with_a_sentence(case: NadiasCase) -> None:
    raw = mails.mail("<div>" * 2_000_000, Content_Type="text/html")
    position = await read.in_thread(lambda: case.add(MessageSaid(by="Nadia", text="x", original=blobs.store(raw)), channel="email"))
    answer = await (await _tom(case)).get(f"/as-sent/{case.conversation}/{position}/page")
    assert answer.status_code == 200
