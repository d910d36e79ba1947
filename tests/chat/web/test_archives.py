"""An archive is prepared while its reader looks on, goes on where a download broke off, and is signed as a whole."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import AsyncClient, override_settings

from chat.actions.action import answered, perform
from chat.events.privacy import CrossedOut
from chat.ledger import cross_out, note, read
from chat.ledger.event import Audience
from chat.live import who
from chat.people import links, signing_keys, visitors
from chat.people.models import Customer
from chat.transcripts import prepared, shelf, verifier
from chat.transcripts.transcript import formats
from tests.chat.nadia import NadiasCase

pytestmark = pytest.mark.engine

JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield
    prepared.clear()


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


async def _nadia(case: NadiasCase) -> AsyncClient:
    """Nadia's own browser with her record open."""
    token = visitors.new_token(case.site.pk)
    known = visitors.recognise(token)
    assert known is not None
    await Customer.objects.filter(pk=case.nadia.pk).aupdate(visitor=known.digest)
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref).path.partition("#")[2]
    await browser.post("/r/redeem", {"secret": secret, "visitor": token})
    return browser


async def _content(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer]) if answer.streaming else answer.content


async def _ready(browser: AsyncClient, address: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            told: dict[str, Any] = (await browser.get(address, headers=JSON)).json()
            if told["state"] in ("ready", "failed"):
                return told
            await asyncio.sleep(0.05)


async def test_she_is_shown_how_far_it_is_and_then_where_it_is(case: NadiasCase, tmp_path: Any) -> None:
    browser = await _nadia(case)
    answer = await browser.post(f"/r/{case.conversation}/save/full-record")
    assert answer.status_code == 303
    page = (await browser.get(answer["Location"])).content.decode()
    assert "being prepared" in page
    assert 'http-equiv="refresh"' in page
    told = await _ready(browser, answer["Location"])
    assert told["download"] in (await browser.get(answer["Location"])).content.decode()
    got = await browser.get(told["download"])
    assert got["Content-Disposition"] == 'attachment; filename="BR-1-full-record.zip"'
    file = tmp_path / "BR-1-full-record.zip"
    file.write_bytes(await _content(got))
    assert len(file.read_bytes()) == told["done"]
    sign = await browser.get(told["signature"])
    assert sign["Content-Disposition"] == 'attachment; filename="BR-1-full-record.zip.sig"'
    (tmp_path / "BR-1-full-record.zip.sig").write_bytes(sign.content)
    assert verifier.main([str(file)]) == 0
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    assert verifier.main([str(file)]) != 0


async def test_the_signature_is_a_note_over_size_and_digest_of_the_very_octets(case: NadiasCase) -> None:
    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/full-record", headers=JSON)).json()
    streamed = await _content(await browser.get(told["download"]))
    assert shelf.whole() == [], "so far it came as a stream"
    text = note.opened((await browser.get(told["signature"])).content.decode(), [key.vkey for key in signing_keys.public_keys()])
    digest = base64.b64encode(hashlib.sha256(streamed).digest()).decode()
    assert text == f"{signing_keys.origin()}/full-record/{case.conversation}\n{len(streamed)}\n{digest}\n"


async def test_a_part_is_a_part_of_the_signed_file(case: NadiasCase) -> None:
    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/full-record", headers=JSON)).json()
    whole = await _content(await browser.get(told["download"]))
    rest = await browser.get(told["download"], headers={"range": "bytes=1000-"})
    assert rest.status_code == 206
    assert await _content(rest) == whole[1000:]


async def test_a_file_that_vanishes_while_it_is_read_is_read_to_its_end(case: NadiasCase) -> None:
    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/full-record", headers=JSON)).json()
    await _ready(browser, told["state"])
    answer = await browser.get(told["download"], headers={"range": "bytes=0-"})
    prepared.clear()
    assert len(await _content(answer)) == int(answer["Content-Length"])
    again = await browser.get(told["download"], headers={"range": "bytes=5-"})
    assert again.status_code == 206
    await _content(again)


async def test_a_crossing_out_takes_the_prepared_file_along(case: NadiasCase) -> None:
    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/full-record", headers=JSON)).json()
    await _ready(browser, told["state"])
    says = CrossedOut(of=5, fields=("text",), by="Ruth", reason="A card number.", ground="mistake")
    await asyncio.to_thread(cross_out.cross_out, case.conversation, 5, ("text",), says=says, actor="agent:9", key="cross")
    assert prepared.forget(case.conversation) == 1 or shelf.whole() == []
    assert shelf.whole() == []
    assert b"I will refund EUR 40 so" not in await _content(await browser.get(told["download"]))


async def test_nothing_of_it_opens_in_another_browser(case: NadiasCase) -> None:
    told = (await (await _nadia(case)).post(f"/r/{case.conversation}/save/full-record", headers=JSON)).json()
    assert {(await AsyncClient().get(told[what])).status_code for what in ("download", "state", "signature")} == {404}


async def test_a_light_format_has_neither_state_nor_signature(case: NadiasCase) -> None:
    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/text", headers=JSON)).json()
    assert list(told) == ["download"]
    assert {(await browser.get(f"{told['download']}/{what}")).status_code for what in ("state", "signature")} == {404}


async def test_a_format_that_is_not_there_is_answered_with_those_that_are(case: NadiasCase) -> None:
    browser = await _nadia(case)
    answer = await browser.post(f"/r/{case.conversation}/save/clay-tablet")
    assert answer.status_code == 404
    assert all(name in answer.content.decode() for name in formats())


async def test_who_downloads_without_end_is_told_to_wait(case: NadiasCase) -> None:
    browser = await _nadia(case)
    codes = [(await browser.post(f"/r/{case.conversation}/save/text", headers=JSON)).status_code for _ in range(22)]
    assert (codes[0], codes[-1]) == (201, 429)


async def test_over_the_live_line_the_visitor_is_given_all_three_addresses(case: NadiasCase) -> None:
    await _nadia(case)
    customer = await Customer.objects.aget(pk=case.nadia.pk)
    me = await read.in_thread(who.visitor, visitors.Visitor(site=case.site.pk, digest=str(customer.visitor)))
    form = {"format": "full-record", "zone": "Asia/Tokyo", "language": "de"}
    receipt = await perform(me, "take", form, key="take", channel="widget", conversation=case.conversation)
    told = answered(me, "take", form, receipt)
    assert (await _content(await AsyncClient().get(told["url"])))[:4] == b"PK\x03\x04"
    assert (await _ready(AsyncClient(), told["state"]))["state"] == "ready"
    assert (await AsyncClient().get(told["signature"])).status_code == 200


async def test_agents_cannot_take_a_customers_download_back(case: NadiasCase) -> None:
    """There is no action for it; what closes it is her own cancelling of the link."""
    from chat.actions.action import AGENTS, actions

    browser = await _nadia(case)
    told = (await browser.post(f"/r/{case.conversation}/save/text", headers=JSON)).json()
    case.tom.is_active = False
    await case.tom.asave()
    assert b"dent" in await _content(await browser.get(told["download"]))
    assert not [name for name, action in actions().items() if action.who & AGENTS and ("link" in name or "revoke" in name)]
    assert "transcript.taken" in [entry.kind for entry in read.events(case.conversation, audience=Audience.EVERYONE)]
