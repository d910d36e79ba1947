"""A person takes all their conversations in one archive: after a fresh code, prepared while they may be away, theirs and nobody else's."""

from __future__ import annotations

import asyncio
import importlib
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import AsyncClient, override_settings

from chat.events.lifecycle import ConversationOpened
from chat.events.privacy import CrossedOut
from chat.events.talk import MessageSaid
from chat.ledger import cross_out, read
from chat.ledger.append import Command, Fact, Joins, Opens, append_sync
from chat.ledger.event import Audience
from chat.people import codes, forgotten, links
from chat.people.codes import CodeMail
from chat.people.gathered import Gathered
from chat.people.models import Address, Customer
from chat.transcripts import prepared, shelf, verifier
from tests.chat.nadia import ADDRESS, NadiasCase

pytestmark = pytest.mark.engine

JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield
    prepared.clear()


@pytest.fixture
def mailbox() -> Iterator[list[CodeMail]]:
    """Nadia's mailbox for codes."""
    importlib.import_module("mailgateway.urls")  # which registers its own carrier, once
    mails: list[CodeMail] = []
    before = list(codes._carriers)
    codes.register_carrier(mails.append)
    yield mails
    codes._carriers[:] = before


@pytest.fixture
def case(database: str) -> NadiasCase:
    case = NadiasCase(confirmed=False).tell()
    Address.objects.create(customer=case.nadia, site=case.site, address=ADDRESS)
    return case


def _another(case: NadiasCase, number: int, *, confirmed: bool = False, by_mail: bool = False) -> int:
    """A conversation of another customer row with Nadia's address, as an earlier browser or a mail of hers makes one."""
    customer = Customer.objects.create(site=case.site, name="Nadia", visitor=None if by_mail else f"{number:064}")
    moment = "2026-11-01T00:00:00Z" if confirmed else None
    Address.objects.create(customer=customer, site=case.site, address=ADDRESS, confirmed_at=moment)
    conversation = case.conversation + 1_000_000 * number
    opened = ConversationOpened(by="Nadia", customer=customer.ref, subject=f"Lamp {number}", address=ADDRESS)
    said = MessageSaid(by="Nadia", text=f"My lamp {number} is dark.")
    facts = tuple(
        Fact(conversation=conversation, body=body, actor=customer.ref, channel="email", key=f"k{at}")
        for at, body in enumerate((opened, said))
    )
    opens = Opens(conversation=conversation, site=case.site.pk, source="email", key=f"open-{conversation}")
    append_sync(Command(facts=facts, opens=opens, rows=(Joins(conversation=conversation, ref=customer.ref),)))
    return conversation


async def _open(case: NadiasCase) -> AsyncClient:
    """A browser with the record open by a link that Nadia took along."""
    browser = AsyncClient()
    secret = links.issue(case.conversation, case.nadia.ref, bearer=True).path.partition("#")[2]
    answer = await browser.post("/r/redeem", {"secret": secret})
    assert answer.status_code == 302
    return browser


async def _let_in(browser: AsyncClient, case: NadiasCase, mailbox: list[CodeMail]) -> None:
    asked = await browser.post("/r/everything", {"conversation": case.conversation})
    assert asked.status_code == 200
    assert "n…@customer.example" in asked.content.decode()
    answer = await browser.post("/r/everything/code", {"code": mailbox[-1].code})
    assert (answer.status_code, answer["Location"]) == (302, "/r/everything")


async def _state(browser: AsyncClient) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            told: dict[str, Any] = (await browser.get("/r/everything", headers=JSON)).json()
            if told["state"] in ("ready", "failed"):
                return told
            await asyncio.sleep(0.05)


async def _octets(browser: AsyncClient) -> bytes:
    answer: Any = await browser.get("/r/everything/download")
    assert answer.status_code == 200
    return b"".join([piece async for piece in answer])


async def _archive(browser: AsyncClient) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(await _octets(browser)))


async def test_all_that_is_proven_to_be_hers_is_in_it_each_in_its_folder(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    earlier, mailed = _another(case, 1, confirmed=True), _another(case, 2, by_mail=True)
    typed = _another(case, 3)
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    assert (await _state(browser))["state"] == "ready"
    archive = await _archive(browser)
    assert archive.testzip() is None
    listed = orjson.loads(archive.read("conversations.json"))["conversations"]
    assert {one["conversation"] for one in listed} == {str(each) for each in (case.conversation, earlier, mailed)}
    assert str(typed) not in archive.read("README.txt").decode()
    assert archive.namelist()[0] == "README.txt"
    for one in listed:
        manifest = orjson.loads(archive.read(f"{one['folder']}/manifest.json"))
        assert manifest["conversation"] == one["conversation"]
        assert f"{one['folder']}/transcript.txt" in archive.namelist()
        kinds = [entry.kind for entry in read.events(int(one["conversation"]), audience=Audience.EVERYONE)]
        assert kinds[-1] == "transcript.taken"
        assert one["upto"] == len(list(read.events(int(one["conversation"]), audience=Audience.AGENTS))) - 1


async def test_it_goes_on_when_nobody_looks(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    for _ in range(600):
        await asyncio.sleep(0 if shelf.whole() else 0.05)
    page = (await browser.get("/r/everything")).content.decode()
    assert 'href="/r/everything/download"' in page
    assert (
        (await browser.get("/r/everything/signature"))
        .content.decode()
        .startswith(f"localhost/everything/{Gathered.objects.get().made_at}\n")
    )


async def test_the_verifier_passes_it_and_finds_one_octet_that_was_changed(
    case: NadiasCase, mailbox: list[CodeMail], tmp_path: Path
) -> None:
    _another(case, 1, confirmed=True)
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    await _state(browser)
    file, whole = tmp_path / "everything.zip", await _octets(browser)
    file.write_bytes(whole)
    (tmp_path / "everything.zip.sig").write_bytes((await browser.get("/r/everything/signature")).content)
    assert verifier.main([str(file)]) == 0
    for at in range(11, len(whole), len(whole) // 20):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert verifier.main([str(file)]) != 0


async def test_without_the_code_it_stays_closed(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _open(case)
    asked = await browser.post("/r/everything", {"conversation": case.conversation})
    wrong = await browser.post("/r/everything/code", {"code": "000000" if mailbox[-1].code != "000000" else "1"})
    assert wrong.status_code == 403
    back = f'<a href="/r/{case.conversation}/">Back to your record</a>'
    assert back in asked.content.decode() and back in wrong.content.decode()
    paths = ("/r/everything", "/r/everything/download", "/r/everything/signature")
    assert {(await browser.get(path)).status_code for path in paths} == {404}
    assert not Gathered.objects.exists()


async def test_a_browser_that_has_no_record_open_gets_no_code(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    assert (await AsyncClient().post("/r/everything", {"conversation": case.conversation})).status_code == 404
    assert mailbox == []


async def test_another_browser_does_not_get_it(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    await _let_in(await _open(case), case, mailbox)
    assert (await (await _open(case)).get("/r/everything/download")).status_code == 404


async def test_there_is_one_for_each_person_and_a_new_one_when_it_is_ready(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    first, second = await _open(case), await _open(case)
    await _let_in(first, case, mailbox)
    await _let_in(second, case, mailbox)
    assert (await _state(first)) == (await _state(second)), "asked for twice while it is written, it is one"
    await read.in_thread(lambda: case.add(MessageSaid(by="Nadia", text="One thing more.")))
    await _let_in(second, case, mailbox)
    await _state(second)
    assert b"One thing more" in (await _archive(second)).read("BR-1/transcript.txt")
    assert (await first.get("/r/everything")).status_code == 404, "it was replaced"
    assert Gathered.objects.count() == len(shelf.whole()) == 1


async def test_after_a_day_it_is_gone(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    await _state(browser)
    await Gathered.objects.aupdate(until=1)
    assert (await browser.get("/r/everything/download")).status_code == 404


async def test_it_is_closed_when_the_person_is_erased(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    await _state(browser)
    await read.in_thread(forgotten.forget, case.nadia.ref)
    assert (await browser.get("/r/everything/download")).status_code == 404
    assert not Gathered.objects.exists()


async def test_what_is_crossed_out_goes_from_it_too(case: NadiasCase, mailbox: list[CodeMail]) -> None:
    browser = await _open(case)
    await _let_in(browser, case, mailbox)
    await _state(browser)
    says = CrossedOut(of=5, fields=("text",), by="Ruth", reason="A card number.", ground="mistake")
    await asyncio.to_thread(cross_out.cross_out, case.conversation, 5, ("text",), says=says, actor="agent:9", key="cross")
    prepared.forget(case.conversation)
    assert shelf.whole() == []
    await _state(browser)
    archive = await _archive(browser)
    assert not re.search(b"I will refund EUR 40 so", b"".join(archive.read(name) for name in archive.namelist()))
