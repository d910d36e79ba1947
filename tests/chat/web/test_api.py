"""A program that holds a link fetches what the link opens, and nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.test import AsyncClient, override_settings

from chat.ledger import read
from chat.ledger.event import Audience
from chat.people import links
from chat.people.models import Link
from chat.transcripts import prepared
from chat.transcripts.transcript import formats
from tests.chat.nadia import NadiasCase

ADDRESS = "/api/v1/conversation/transcripts"


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield
    prepared.clear()


@pytest.fixture
def case(database: str) -> NadiasCase:
    return NadiasCase().tell()


def _with(case: NadiasCase, *, bearer: bool = True) -> dict[str, str]:
    path = links.issue(case.conversation, case.nadia.ref, bearer=bearer).path
    return {"authorization": f"Bearer {path.partition('#')[2]}"}


async def _content(answer: Any) -> bytes:
    return b"".join([piece async for piece in answer]) if answer.streaming else answer.content


def _taken(case: NadiasCase) -> int:
    return [entry.kind for entry in read.events(case.conversation, audience=Audience.EVERYONE)].count("transcript.taken")


async def test_get_gives_the_file_and_is_recorded(case: NadiasCase) -> None:
    answer = await AsyncClient().get(f"{ADDRESS}/json", headers=_with(case))
    document = orjson.loads(await _content(answer))
    assert document["conversation"] == str(case.conversation)
    assert document["audience"] == "everyone"
    assert _taken(case) == 1


async def test_post_gives_the_addresses_under_which_parts_can_be_had(case: NadiasCase) -> None:
    browser = AsyncClient()
    answer = await browser.post(f"{ADDRESS}/full-record", headers=_with(case))
    assert answer.status_code == 201
    told = answer.json()
    assert (await browser.get(told["signature"])).status_code == 200
    part = await browser.get(told["download"], headers={"range": "bytes=0-99"})
    assert part.status_code == 206
    assert (await _content(part))[:4] == b"PK\x03\x04"
    assert zipfile.ZipFile(BytesIO(await _content(await browser.get(told["download"])))).testzip() is None


async def test_the_whole_address_of_the_link_will_do(case: NadiasCase) -> None:
    path = links.issue(case.conversation, case.nadia.ref, bearer=True).path
    answer = await AsyncClient().get(f"{ADDRESS}/text", headers={"authorization": f"Bearer https://support.example{path}"})
    assert answer.status_code == 200


async def test_links_that_open_nothing_are_answered_alike(case: NadiasCase) -> None:
    cancelled, over, mailed = _with(case), _with(case), _with(case, bearer=False)
    first, second, _ = Link.objects.order_by("pk")
    links.cancel(first.pk)
    Link.objects.filter(pk=second.pk).update(expires_at="2020-01-01T00:00:00Z")
    wrong = [cancelled, over, mailed, {"authorization": "Bearer nothing"}, {"authorization": "Basic eDp5"}, {}]
    answers = [await AsyncClient().get(f"{ADDRESS}/json", headers=headers) for headers in wrong]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert _taken(case) == 0


async def test_a_format_that_is_not_there_is_answered_with_those_that_are(case: NadiasCase) -> None:
    answer = await AsyncClient().get(f"{ADDRESS}/clay", headers=_with(case))
    assert (answer.status_code, answer.json()["formats"]) == (404, list(formats()))


async def test_who_downloads_without_end_is_told_to_wait(case: NadiasCase) -> None:
    headers = _with(case)
    codes = [(await AsyncClient().post(f"{ADDRESS}/text", headers=headers)).status_code for _ in range(22)]
    assert codes[0] == 201
    assert codes[-1] == 429
