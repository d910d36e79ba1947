"""Administrators find a person, hand out everything about them, and erase them when a second administrator agrees."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator

import pytest
from django.test import AsyncClient, override_settings

from chat.events.retention import HoldSet
from chat.ledger import due, erase, read
from chat.ledger.event import Audience
from chat.people.models import Address, Agent, Customer
from tests.chat.nadia import ADDRESS, NadiasCase


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def case(database: str) -> NadiasCase:
    case = NadiasCase().tell()
    Address.objects.create(customer=case.nadia, site=case.site, address=ADDRESS)
    for agent in (case.tom, case.ines):
        Agent.objects.filter(pk=agent.pk).update(role="admin")
    return case


async def _browser(agent: Agent) -> AsyncClient:
    browser = AsyncClient()
    await browser.aforce_login(await Agent.objects.aget(pk=agent.pk), backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def _path(case: NadiasCase, what: str = "") -> str:
    return f"/setup/people/{case.site.key}/{case.nadia.pk}/{what}"


async def _text(browser: AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("words", ["nadia", "NADIA@customer", "customer.example"])
async def test_a_person_is_found_by_name_and_address(case: NadiasCase, words: str) -> None:
    page = await _text(await _browser(case.tom), f"/setup/people/{case.site.key}/?q={words}")
    assert f"{ADDRESS} (typed)" in page
    assert _path(case) in page


async def test_nobody_else_may_look(case: NadiasCase) -> None:
    Agent.objects.filter(pk=case.tom.pk).update(role="lead")
    tom = await _browser(case.tom)
    for path in (f"/setup/people/{case.site.key}/?q=nadia", _path(case)):
        assert (await tom.get(path)).status_code == 403
        assert (await AsyncClient().get(path)).status_code == 403
    for what in ("propose", "answer", "export"):
        assert (await tom.post(_path(case, what))).status_code == 403


async def test_people_of_another_site_are_not_there(case: NadiasCase) -> None:
    other = NadiasCase()
    tom = await _browser(case.tom)
    assert (await tom.get(f"/setup/people/{case.site.key}/{other.nadia.pk}/")).status_code == 404
    assert (await tom.get(f"/setup/people/nowhere/{case.nadia.pk}/")).status_code == 404


async def test_two_administrators_erase_a_person(case: NadiasCase) -> None:
    tom, ines = await _browser(case.tom), await _browser(case.ines)
    form = {"ground": "request", "reason": "Her letter of 3 May"}
    assert (await tom.post(_path(case, "propose"), form)).status_code == 302
    assert (await tom.post(_path(case, "propose"), form)).status_code == 302
    assert len(_state(case).proposals) == 1, "Proposed once, however often the button is pressed."
    assert "A second administrator has to agree" in await _text(tom, _path(case))
    refused = await tom.post(_path(case, "answer"), {"what": "agree"})
    assert refused.status_code == 409
    assert "A second person decides" in refused.content.decode()
    assert "Agree: erase for good" in await _text(ines, _path(case))
    assert (await ines.post(_path(case, "answer"), {"what": "agree"})).status_code == 302
    while await due.ring_due(time.time_ns() // 1000):
        pass
    assert erase.everything(case.conversation) == {}
    assert Customer.objects.get(pk=case.nadia.pk).name == ""
    assert ADDRESS not in await _text(ines, _path(case))


async def test_a_hold_is_told_and_stops_it(case: NadiasCase) -> None:
    case.add(HoldSet(by="Ruth", reason="Arbitration.", ground="claims"), by="agent:999")
    tom = await _browser(case.tom)
    assert "On hold" in await _text(tom, _path(case))
    answer = await tom.post(_path(case, "propose"), {"ground": "request", "reason": "Her letter"})
    assert answer.status_code == 409
    assert _state(case).proposals == ()


async def test_everything_about_a_person_comes_in_one_archive_and_is_noted(case: NadiasCase) -> None:
    tom = await _browser(case.tom)
    answer = await tom.post(_path(case, "export"))
    data = b"".join([piece async for piece in answer.streaming_content])  # type: ignore[attr-defined]  # of the streamed answer
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        person = json.loads(archive.read("person.json"))
    assert any(name.endswith("/transcript.json") for name in names)
    assert (person["name"], person["addresses"][0]["address"]) == ("Nadia", ADDRESS)
    last = list(read.events(case.conversation, audience=Audience.EVERYONE))[-1]
    assert (last.kind, last.values["by"]) == ("transcript.taken", "Tom")


def _state(case: NadiasCase):  # type: ignore[no-untyped-def]
    head = read.head(case.conversation)
    assert head is not None
    return head.state
