"""A visitor takes a link along that opens the conversation anywhere; whoever came by a link makes no further ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import AsyncClient, override_settings

from chat.actions.access import Who
from chat.actions.action import Forbidden, answered, perform
from chat.ledger import read
from chat.ledger.event import Audience
from chat.people import links
from chat.people.models import Link
from tests.chat.nadia import NadiasCase

FORM = {"nonce": "c0ffee00c0ffee00"}


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


def _nadia(case: NadiasCase) -> Who:
    return Who(ref=case.nadia.ref, name="Nadia", side="customer")


async def _copied(case: NadiasCase, key: str = "link") -> str:
    me = _nadia(case)
    receipt = await perform(me, "link", FORM, key=key, channel="widget", conversation=case.conversation)
    return answered(me, "link", FORM, receipt)["url"]


async def test_it_opens_the_conversation_in_any_browser_without_a_code(database: str) -> None:
    case = NadiasCase().tell()
    browser = AsyncClient()
    answer = await browser.post("/r/redeem", {"secret": (await _copied(case)).partition("#")[2]})
    assert (answer.status_code, answer["Location"]) == (302, f"/r/{case.conversation}/")
    kinds = [entry.kind for entry in read.events(case.conversation, audience=Audience.EVERYONE)]
    assert kinds[-2:] == ["link.issued", "link.redeemed"]


async def test_the_same_press_again_gives_the_same_link(database: str) -> None:
    case = NadiasCase().tell()
    assert await _copied(case) == await _copied(case)
    assert Link.objects.count() == 1


async def test_a_link_makes_no_further_links(database: str) -> None:
    case = NadiasCase().tell()
    with pytest.raises(Forbidden):
        await perform(
            replace(_nadia(case), only=case.conversation), "link", FORM, key="link", channel="widget", conversation=case.conversation
        )


async def test_once_cancelled_it_opens_nothing(database: str) -> None:
    case = NadiasCase().tell()
    path = await _copied(case)
    links.cancel(Link.objects.get().pk)
    assert (await AsyncClient().post("/r/redeem", {"secret": path.partition("#")[2]})).status_code == 404
