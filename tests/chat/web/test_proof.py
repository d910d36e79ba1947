"""Everybody can fetch our keys and the newest checkpoint, from any page, and learns nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import AsyncClient, override_settings

from chat.ledger import note
from chat.people import signing_keys
from chat.transcripts import checkpoint
from tests.chat.nadia import NadiasCase

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _known_host() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


async def test_the_keys_are_public_and_open_what_we_sign() -> None:
    signed = signing_keys.sign("hello\n")
    answer = await AsyncClient().get("/.well-known/throughline-keys.json")
    told = answer.json()
    assert (answer.status_code, answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == (200, "*", "public, max-age=3600")
    assert told["origin"] == "localhost"
    assert [set(key) for key in told["keys"]] == [{"vkey", "id", "since", "until"}]
    assert note.opened(signed, [key["vkey"] for key in told["keys"]]) == "hello\n"
    assert not answer.cookies


async def test_the_keys_are_there_as_plain_lines_too() -> None:
    answer = await AsyncClient().get("/.well-known/throughline-keys")
    assert answer.content.decode().splitlines() == [key.vkey for key in signing_keys.public_keys()]
    assert answer["Content-Type"].startswith("text/plain")


async def test_the_newest_checkpoint_can_be_fetched_and_there_is_none_at_first() -> None:
    assert (await AsyncClient().get("/.well-known/throughline-checkpoint")).status_code == 404
    case = NadiasCase()
    made = checkpoint.make()
    answer = await AsyncClient().get("/.well-known/throughline-checkpoint")
    assert (answer.status_code, answer.content.decode()) == (200, made.note)
    assert str(case.conversation) not in made.note


@pytest.mark.parametrize("name", ["keys.json", "keys", "checkpoint"])
async def test_they_can_only_be_read(name: str) -> None:
    assert (await AsyncClient().post(f"/.well-known/throughline-{name}")).status_code == 405
