"""A saved transcript is streamed no further than its reader takes it, and goes on where it broke off."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.test import AsyncClient, override_settings

from chat.actions.action import answered, perform
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import read
from chat.ledger.append import Command, Crosses, Fact, append
from chat.ledger.event import Audience
from chat.live import who
from chat.people import links, visitors
from chat.people.models import Agent, Customer, Link
from chat.transcripts import prepared, shelf, transcript
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.web import transcripts
from tests.chat.live.line import served
from tests.chat.nadia import NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"]):
        yield
    prepared.clear()


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the case were a large one."""
    monkeypatch.setattr(transcripts, "LARGE", 0)


async def _tom(case: NadiasCase) -> AsyncClient:
    browser = AsyncClient()
    await browser.aforce_login(case.tom)
    return browser


async def _content(answer: Any) -> str:
    return b"".join([piece async for piece in answer]).decode() if answer.streaming else ""


async def _address(browser: AsyncClient, case: NadiasCase, name: str = "text") -> str:
    answer = await browser.post(f"/transcripts/{case.conversation}/{name}")
    assert (answer.status_code, answer["Location"][:18]) == (303, "/transcripts/pass/")
    return str(answer["Location"])


async def test_a_short_one_is_the_answer_itself(case: NadiasCase) -> None:
    answer = await (await _tom(case)).post(f"/transcripts/{case.conversation}/text")
    assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
    assert "need Ines" in await _content(answer)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", ["text", "html", "json"])
async def test_a_large_one_that_broke_off_goes_on_where_it_was(case: NadiasCase, name: str) -> None:
    tom = await _tom(case)
    address = await _address(tom, case, name)
    first = await tom.get(address)
    whole = (await _content(first)).encode()
    await read.in_thread(lambda: case.add(MessageSaid(by="Nadia", text="One thing more.")))
    rest = await tom.get(address, headers={"range": "bytes=700-", "if-range": first["ETag"]})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 700-{len(whole) - 1}/{len(whole)}")
    assert whole[:700] + (await _content(rest)).encode() == whole
    assert (await tom.head(address))["ETag"] == first["ETag"]


@pytest.mark.usefixtures("large")
async def test_two_parts_asked_for_at_once_are_parts_of_one_file(case: NadiasCase) -> None:
    tom = await _tom(case)
    address = await _address(tom, case)
    parts = await asyncio.gather(*(tom.get(address, headers={"range": asked}) for asked in ("bytes=0-499", "bytes=500-")))
    assert [part.status_code for part in parts] == [206, 206]
    assert "".join([await _content(part) for part in parts]) == await _content(await tom.get(address))
    assert len(shelf.whole()) == 1


@pytest.mark.usefixtures("large")
async def test_the_address_opens_nothing_in_another_browser(case: NadiasCase) -> None:
    address = await _address(await _tom(case), case)
    ines = AsyncClient()
    await ines.aforce_login(case.ines)
    assert [(await browser.get(address)).status_code for browser in (ines, AsyncClient())] == [404, 404]


@pytest.mark.usefixtures("large")
async def test_the_address_opens_nothing_for_an_agent_who_may_no_longer_see_the_case(case: NadiasCase) -> None:
    tom = await _tom(case)
    address = await _address(tom, case)
    await case.tom.sites.aclear()
    assert (await tom.get(address)).status_code == 404
    await case.tom.sites.aadd(case.site)
    assert (await tom.get(address)).status_code == 200
    await Agent.objects.filter(pk=case.tom.pk).aupdate(role="analyst")
    assert (await tom.get(address)).status_code == 404


async def test_the_address_an_agent_is_given_over_the_socket_is_theirs_alone(case: NadiasCase) -> None:
    me = await read.in_thread(who.agent, case.tom)
    receipt = await perform(me, "take", {"format": "text"}, key="take", channel="inbox", conversation=case.conversation)
    address = answered(me, "take", {"format": "text"}, receipt)["url"]
    assert "need Ines" in await _content(await (await _tom(case)).get(address))
    assert (await AsyncClient().get(address)).status_code == 404


@pytest.mark.usefixtures("large")
async def test_the_customers_address_is_closed_with_her_link(case: NadiasCase) -> None:
    token = visitors.new_token(case.site.pk)
    known = visitors.recognise(token)
    assert known is not None
    await Customer.objects.filter(pk=case.nadia.pk).aupdate(visitor=known.digest)
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref).path.partition("#")[2]
    await browser.post("/r/redeem", {"secret": secret, "visitor": token})
    answer = await browser.post(f"/r/{case.conversation}/save/text")
    address = answer["Location"]
    assert "her limit" not in await _content(await browser.get(address))
    link = await Link.objects.aget()
    await browser.post(f"/r/{case.conversation}/links/{link.pk}/cancel")
    assert (await browser.get(address)).status_code == 404


@pytest.mark.usefixtures("large")
async def test_what_was_crossed_out_meanwhile_is_not_handed_out_from_a_prepared_file(case: NadiasCase) -> None:
    tom = await _tom(case)
    address = await _address(tom, case)
    before = await tom.get(address, headers={"range": "bytes=0-"})
    assert "I will refund EUR 40 so" in await _content(before)
    body = CrossedOut(of=5, fields=("text",), by="Ruth", reason="A card number was written here.", ground="mistake")
    fact = Fact(conversation=case.conversation, body=body, actor="agent:9", channel="inbox", key="cross")
    await append(Command(facts=(fact,), rows=(Crosses(conversation=case.conversation, position=5, fields=("text",)),)))
    after = await tom.get(address, headers={"range": "bytes=900-", "if-range": before["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != before["ETag"]
    assert "I will refund EUR 40 so" not in await _content(after)


@pytest.mark.usefixtures("large")
async def test_without_room_for_a_prepared_file_it_comes_whole(case: NadiasCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LARGEST", 100)
    tom = await _tom(case)
    answer = await tom.get(await _address(tom, case), headers={"range": "bytes=900-"})
    assert answer.status_code == 200
    assert "need Ines" in await _content(answer)
    assert os.listdir(settings.DATA / "prepared") == []


class Endless(Format):
    """A format that never ends, and tells how far it was written."""

    name = "endless"
    label = "Endless"
    media_type = "application/octet-stream"
    extension = "bin"

    def __init__(self) -> None:
        self.written, self.closed = 0, threading.Event()

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        try:
            while True:
                self.written += 64 * 1024
                yield bytes(64 * 1024)
        finally:
            self.closed.set()


@pytest.mark.parametrize("heavy", [False, True])
async def test_a_reader_who_stops_holds_the_writing_and_one_who_goes_ends_it(
    case: NadiasCase, monkeypatch: pytest.MonkeyPatch, heavy: bool
) -> None:
    monkeypatch.setattr(transcript, "_formats", dict(transcript._formats))
    monkeypatch.setattr(Endless, "heavy", heavy)
    register_format(Endless)
    endless = transcript.formats()["endless"]
    assert isinstance(endless, Endless)
    browser = await _tom(case)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    async with served() as live:
        reader, writer = await asyncio.open_connection("127.0.0.1", live.port, limit=1024)
        head = f"POST /transcripts/{case.conversation}/endless HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        token = "a" * 32
        head += f"Origin: http://127.0.0.1\r\nX-CSRFToken: {token}\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.replace("Cookie: ", f"Cookie: {settings.CSRF_COOKIE_NAME}={token}; ").encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
        assert re.match(rb"HTTP/1.1 200", answer), answer
        await _still(endless)
        held = endless.written
        assert held < 16 * 1024 * 1024, "what the sockets hold, and no more"
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()
        assert await asyncio.to_thread(endless.closed.wait, 10)
        assert endless.written <= held + 4 * 64 * 1024


async def _still(endless: Endless) -> None:
    """Until nothing more has been written for half a second."""
    with suppress(TimeoutError):
        async with asyncio.timeout(20):
            before = -1
            while before != endless.written:
                before = endless.written
                await asyncio.sleep(0.5)


async def test_the_agents_file_is_for_agents(case: NadiasCase) -> None:
    answer = await AsyncClient().post(f"/transcripts/{case.conversation}/text")
    assert answer.status_code == 404
    assert "transcript.taken" not in [entry.kind for entry in read.events(case.conversation, audience=Audience.AGENTS)]
