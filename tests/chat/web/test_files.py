"""A file of a conversation can be fetched whole, in part, or not at all if it is there already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import AsyncClient, override_settings

from chat.events.talk import MessageSaid
from chat.ledger import blobs, read
from chat.ledger.event import AttachmentRef
from chat.people import file_keys
from chat.people.models import Agent
from tests.chat.nadia import NadiasCase

CONTENT = bytes(range(256)) * 2400  # more than two chunks
SIZE = len(CONTENT)


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


@pytest.fixture
def address(database: str) -> str:
    """Of Nadia's photo, as her page has it."""
    case = NadiasCase()
    photo = AttachmentRef(name="dent.png", media_type="image/png", size=SIZE, digest=blobs.store(CONTENT))
    position = case.add(MessageSaid(by="Nadia", text="See here.", attachments=(photo,)))
    key = file_keys.key_of(case.conversation, position, 0, case.nadia.ref)
    return f"/files/{case.conversation}/{position}/0?k={key}"


async def _content(answer: Any) -> bytes:
    content: bytes = b"".join([piece async for piece in answer]) if answer.streaming else answer.content
    return content


async def test_a_whole_file_says_that_parts_of_it_can_be_had(address: str) -> None:
    answer = await AsyncClient().get(address)
    assert (answer.status_code, answer["Content-Length"], answer["Accept-Ranges"]) == (200, str(SIZE), "bytes")
    assert answer["ETag"].startswith('"')
    assert await _content(answer) == CONTENT


@pytest.mark.parametrize(
    ("asked", "first", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=300000-", 300_000, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=10-99999999", 10, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        ("Bytes = 7 - 9", 7, 10),
    ],
)
async def test_a_part_is_what_was_asked_for(address: str, asked: str, first: int, stop: int) -> None:
    answer = await AsyncClient().get(address, headers={"range": asked})
    assert (answer.status_code, answer["Content-Length"]) == (206, str(stop - first))
    assert answer["Content-Range"] == f"bytes {first}-{stop - 1}/{SIZE}"
    assert await _content(answer) == CONTENT[first:stop]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused_with_the_size(address: str, asked: str) -> None:
    answer = await AsyncClient().get(address, headers={"range": asked})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-3", "bytes=-", "bytes=x-", "lines=1-2", "bytes=1-²", "bytes=" + "9" * 30 + "-"]
)
async def test_what_we_do_not_take_part_by_part_comes_whole(address: str, asked: str) -> None:
    answer = await AsyncClient().get(address, headers={"range": asked})
    assert answer.status_code == 200
    assert await _content(answer) == CONTENT


async def test_a_part_of_another_version_is_not_given(address: str) -> None:
    etag = (await AsyncClient().get(address))["ETag"]
    same = await AsyncClient().get(address, headers={"range": "bytes=5-", "if-range": etag})
    other = await AsyncClient().get(address, headers={"range": "bytes=5-", "if-range": '"older"'})
    weak = await AsyncClient().get(address, headers={"range": "bytes=5-", "if-range": f"W/{etag}"})
    assert [each.status_code for each in (same, other, weak)] == [206, 200, 200]


async def test_what_the_browser_has_is_not_sent_again(address: str) -> None:
    etag = (await AsyncClient().get(address))["ETag"]
    again = await AsyncClient().get(address, headers={"if-none-match": etag})
    assert (again.status_code, again["ETag"], await _content(again)) == (304, etag, b"")


async def test_head_tells_the_size_and_sends_nothing(address: str) -> None:
    answer = await AsyncClient().head(address, headers={"range": "bytes=5-9"})
    assert (answer.status_code, answer["Content-Length"], await _content(answer)) == (200, str(SIZE), b"")


async def test_head_answers_an_agent_as_get_does(address: str) -> None:
    tom = AsyncClient()
    await tom.aforce_login(await Agent.objects.order_by("-pk").afirst())
    path = address.partition("?")[0]
    assert [(await ask(path)).status_code for ask in (tom.get, tom.head)] == [200, 200]


async def test_a_file_that_is_gone_from_the_store_is_not_found(address: str) -> None:
    etag = (await AsyncClient().get(address))["ETag"]
    await read.in_thread(blobs.remove_unreferenced, etag.strip('"'))
    assert (await AsyncClient().get(address)).status_code == 404
