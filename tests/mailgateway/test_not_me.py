"""Whose address somebody else gave stops our mail with one click, which no mail scanner can press; nobody else can."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import AsyncClient

from chat.events.lifecycle import AddressConfirmed
from chat.events.talk import MessageSaid
from chat.ledger import read
from mailgateway import courier, not_me
from tests.mailgateway.gateway import entries, kinds, say
from tests.services import MailSink

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def named_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])


async def mailed(conversation: int, relay: MailSink, text: str = "We refund EUR 40.") -> str:
    """The path of the link in a fresh mail; empty if there is none."""
    before = len(relay.mails)
    await say(conversation, MessageSaid(by="Tom", text=text), key=text)
    await courier.carry_due()
    body = relay.wait_for(before + 1)[-1].message.get_body(("plain",)).get_content()
    found = re.search(r"/not-me/[a-z2-7]+/", body)
    return found[0] if found else ""


async def test_the_link_asks_first_and_then_stops_all_mail_of_the_conversation(chat: int, relay: MailSink) -> None:
    path = await mailed(chat, relay)
    browser = AsyncClient()
    asked = await browser.get(path)
    assert "Send me nothing more" in asked.content.decode() and "Dented" not in asked.content.decode()
    assert "address.disowned" not in kinds(chat), "a scanner that follows the link changes nothing"
    for _ in range(2):
        done = await browser.post(path)
        assert "No mail of this conversation goes to you." in done.content.decode()
    assert kinds(chat).count("address.disowned") == 1
    assert entries(chat)[-1].values["address"] == "nadia@customer.example"
    state = read.head(chat).state
    assert (state.customer.address, state.bounced) == ("", True)
    await say(chat, MessageSaid(by="Tom", text="One more."), key="more")
    assert await courier.carry_due() == 0
    assert len(relay.mails) == 1


async def test_a_confirmed_address_has_no_such_link_and_an_older_one_stops_nothing(chat: int, relay: MailSink) -> None:
    path = await mailed(chat, relay)
    nadia = read.head(chat).state.customer.ref
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    assert await mailed(chat, relay, "It is done.") == ""
    answered = await AsyncClient().post(path)
    assert "was confirmed" in answered.content.decode()
    assert "address.disowned" not in kinds(chat)


@pytest.mark.parametrize("change", ["another letter", "another conversation"])
async def test_a_link_that_we_did_not_make_does_nothing(chat: int, change: str) -> None:
    path = not_me.link(chat if change == "another letter" else 999, position=3, number=1).removeprefix(settings.PUBLIC_URL)
    if change == "another letter":
        path = path[:-2] + ("b" if path[-2] != "b" else "c") + "/"
    answered = await AsyncClient().post(path)
    assert answered.status_code == 404
    assert "not complete" in answered.content.decode()
