"""The page of a record stays bounded however long it is, and says only what is so: seals, dates, who looked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import AsyncClient, override_settings

from chat.events.commitment import CommitmentMade
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.append import Command, Fact, append_sync
from chat.ledger.cross_out import crossing_out
from chat.people import links
from chat.people.models import Link
from chat.transcripts.transcript import formats
from tests.chat.nadia import FRIDAY, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    cache.clear()
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def _long(case: NadiasCase, count: int = 1_000) -> NadiasCase:
    for first in range(0, count, 100):
        facts = tuple(
            Fact(
                conversation=case.conversation,
                body=MessageSaid(by="Nadia", text=f"line {n}."),
                actor=case.nadia.ref,
                channel="email" if n % 100 == 0 else "widget",
                key=f"n{n}",
            )
            for n in range(first, first + 100)
        )
        append_sync(Command(facts=facts))
    return case


async def _opened(case: NadiasCase) -> AsyncClient:
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref, bearer=True).path.partition("#")[2]
    assert (await browser.post("/r/redeem", {"secret": secret})).status_code == 302
    return browser


async def _page(browser: AsyncClient, case: NadiasCase, query: str = "") -> str:
    answer = await browser.get(f"/r/{case.conversation}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def _positions(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-position="(\d+)"\s*>\s*(?:<span)', page)]


async def test_a_long_record_comes_in_pages_that_hold_each_entry_once(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    head = read.head(case.conversation)
    assert head is not None
    seen: list[int] = []
    query = ""
    for _ in range(4):
        page = await _page(browser, case, query)
        found = _positions(page)
        assert len(found) <= 500
        seen = found + seen
        earlier = re.search(r'rel="prev" href="([^"]+)"', page)
        if earlier is None:
            break
        query = earlier[1].replace("&amp;", "&")
    assert seen == list(range(1, head.position + 1))
    assert "To the latest entries" in page


async def test_a_tab_of_a_long_record_counts_and_shows_its_channel_alone(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    page = await _page(browser, case, "?show=email")
    shown = re.search(r'E-mail <span class="num">(\d+)</span>', page)
    assert shown is not None
    assert int(shown[1]) == len(_positions(page)) == 11


async def test_what_comes_in_is_fetched_in_pages_too(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    first = await browser.get(f"/r/{case.conversation}/entries?after=0")
    assert (first["X-Position"], first["X-More"]) == ("500", "yes")
    assert len(_positions(first.content.decode())) == 500


async def test_a_long_record_is_checked_apart_and_the_answer_says_when(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    assert "The seals are being checked" in await _page(browser, case)
    part = (await browser.get(f"/r/{case.conversation}/seal")).content.decode()
    assert "Nothing here was changed since it was sealed" in part
    assert re.search(r"This server checked at \d\d:\d\d \(UTC\+01:00\)", part)
    assert "Nothing here was changed since it was sealed" in await _page(browser, case)


async def test_without_script_a_long_record_is_checked_at_a_press(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    assert 'href="?check=now"' in await _page(browser, case)
    assert "Nothing here was changed since it was sealed" in await _page(browser, case, "?check=now")


async def test_a_long_record_that_was_changed_is_found_out(case: NadiasCase) -> None:
    browser = await _opened(_long(case))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER chat_event_only_cross_out" + (" ON chat_event" if connection.vendor == "postgresql" else ""))
        cursor.execute("UPDATE chat_event SET body = replace(body, 'line 400.', 'line 401.') WHERE position = 418")
    part = (await browser.get(f"/r/{case.conversation}/seal")).content.decode()
    assert "Something here does not match its seal" in part
    assert "number 418</a>" in part


async def test_every_format_there_is_has_its_button(case: NadiasCase) -> None:
    page = await _page(await _opened(case), case)
    assert set(re.findall(rf'action="/r/{case.conversation}/save/([\w-]+)"', page)) == set(formats())


async def test_times_are_the_readers_once_their_browser_told_its_zone(case: NadiasCase) -> None:
    browser = await _opened(case)
    assert "Times are those of Europe/Berlin." in await _page(browser, case)
    browser.cookies["throughline_zone"] = "Asia/Tokyo"
    assert "Times are those of Asia/Tokyo." in await _page(browser, case)
    browser.cookies["throughline_zone"] = "<script>"
    assert "Times are those of Europe/Berlin." in await _page(browser, case)


async def test_who_of_the_team_looked_at_it_is_told_with_role_and_purpose(case: NadiasCase) -> None:
    page = await _page(await _opened(case), case)
    looks = page[page.index('id="looks"') : page.index('id="links"')]
    assert "Ruth, team lead" in looks
    assert "Review of refunds" in looks


async def test_she_has_it_kept_longer_and_never_shorter(case: NadiasCase) -> None:
    browser = await _opened(case)
    before = re.search(r'class="until">([^<]+)<', await _page(browser, case))
    assert (await browser.post(f"/r/{case.conversation}/keep-longer", {"years": "5"})).status_code == 302
    after = re.search(r'class="until">([^<]+)<', await _page(browser, case))
    assert before is not None and after is not None
    assert int(after[1].split()[-1]) - int(before[1].split()[-1]) in (4, 5)
    lasts = await read.in_thread(lambda: Link.objects.get(conversation=case.conversation).expires_at)
    assert int(after[1].split()[-1]) == lasts.year
    for years in ("1", "500", "x"):
        assert (await browser.post(f"/r/{case.conversation}/keep-longer", {"years": years})).status_code == 409


async def test_a_file_that_is_crossed_out_leaves_no_link_behind(case: NadiasCase) -> None:
    body = CrossedOut(of=2, fields=("attachments.0",), by="Ruth", reason="It shows a person.", ground="mistake")
    await read.in_thread(append_sync, crossing_out(case.conversation, 2, ["attachments.0"], says=body, actor="agent:1", key="cross"))
    page = await _page(await _opened(case), case)
    assert "dent-left-side.jpg" not in page
    assert "0 bytes" not in page


async def test_hostile_words_are_shown_as_words(case: NadiasCase) -> None:
    hostile = "<img src=x onerror=alert(1)> \u202egnp.exe\u202c \x1b[31mred ${7*7} {{ site }}"
    case.add(MessageSaid(by=f"Nadia {hostile}", text=f"{hostile} {'a' * 300_000}", subject=hostile))
    case.add(CommitmentMade(by=f"Tom {hostile}", text=hostile, due=FRIDAY, of=2), by=case.tom.ref)
    page = await _page(await _opened(case), case)
    assert "<img" not in page
    assert not set("\u202e\x1b") & set(page)
    assert "{{ site }}" in page
