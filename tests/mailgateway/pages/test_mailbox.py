"""The local mailbox shows what was sent and answers through the real gateway; mails to look at go in by one click."""

from __future__ import annotations

import asyncio

import pytest
from django.conf import settings
from django.test import AsyncClient, Client

from chat.ledger import read
from chat.ledger.received import DROPPED, QUARANTINED
from chat.people.models import Agent
from mailgateway import addresses
from mailgateway.sending import local_mailbox
from tests.mailgateway.gateway import Gateway, rows, said
from tests.mailgateway.mails import mail


@pytest.fixture(autouse=True)
def named_host(monkeypatch) -> None:
    """Under the name that Django's test client calls us by."""
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])


@pytest.fixture
def smtp_port(gateway: Gateway, monkeypatch) -> int:
    monkeypatch.setattr(settings, "SMTP_PORT", gateway.port)
    return gateway.port


async def test_a_kept_mail_is_shown_and_answered_as_the_customer_would(gateway: Gateway, smtp_port: int) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation, "It left <b>this</b> morning.")
    await gateway.mails_out()
    number = local_mailbox.mails()[0].id
    page = await AsyncClient().get("/mailbox/")
    assert "nadia@customer.example" in page.content.decode()
    plain = await AsyncClient().get(f"/mailbox/{number}/?as=text")
    assert "It left &lt;b&gt;this&lt;/b&gt; morning." in plain.content.decode()
    assert "<script" not in plain.content.decode()
    answered = await AsyncClient().post(f"/mailbox/{number}/answer", {"text": "Wonderful, thank you!"})
    assert answered.status_code == 302
    await gateway.take_in()
    body = said(conversation)[-1]
    assert (body.text, body.found_by, body.doubt) == ("Wonderful, thank you!", "reply-address", "")
    assert "this</b> morning." in body.quoted


async def test_the_html_part_is_framed_without_scripts_and_opens_links_beside(gateway: Gateway) -> None:
    await gateway.opened()
    await gateway.mails_out()
    answer = await AsyncClient().get(f"/mailbox/{local_mailbox.mails()[0].id}/html")
    assert "sandbox allow-popups" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert '<base target="_blank">' in answer.content.decode()


async def test_a_new_mail_to_the_shop_opens_a_conversation(gateway: Gateway, smtp_port: int) -> None:
    form = {
        "name": "Omar",
        "address": "omar@customer.example",
        "to": addresses.public(gateway.site),
        "subject": "Hello",
        "text": "Are you open?",
    }
    answered = await AsyncClient().post("/mailbox/write/", form)
    assert answered.status_code == 302
    await gateway.take_in()
    (conversation,) = read.all_conversations()
    assert said(conversation)[0].text == "Are you open?"


@pytest.mark.parametrize(("setting", "value"), [("RELAY", "127.0.0.1:25"), ("PRODUCTION", True)])
async def test_with_a_relay_or_in_production_only_administrators_look_in(gateway: Gateway, monkeypatch, setting: str, value) -> None:
    monkeypatch.setattr(settings, setting, value)
    assert (await AsyncClient().get("/mailbox/")).status_code == 302
    tom, ruth = _agent("tom", gateway), _agent("ruth", gateway, role="admin")
    assert (await _signed_in(tom).get("/mailbox/")).status_code == 403
    assert (await _signed_in(ruth).get("/mailbox/")).status_code == 200


async def test_a_doubtful_mail_is_taken_in_by_one_click(gateway: Gateway) -> None:
    await gateway.bring(mail("I am away.\n", Auto_Submitted="auto-replied", Subject="Out of office"))
    tom = _signed_in(_agent("tom", gateway))
    assert (await AsyncClient().get("/mailbox/quarantine/")).status_code == 302
    page = (await tom.get("/mailbox/quarantine/")).content.decode()
    assert "Out of office" in page
    assert "belongs to no conversation" in page
    (row,) = rows(QUARANTINED)
    raw = await tom.get(f"/mailbox/quarantine/{row.id}/raw")
    assert b"I am away." in raw.content
    await tom.post(f"/mailbox/quarantine/{row.id}/decide", {"what": "new"})
    await gateway.take_in()
    assert len(read.all_conversations()) == 1
    assert "Nothing waits here" in (await tom.get("/mailbox/quarantine/")).content.decode()


async def test_a_page_number_that_is_none_is_the_first_page(gateway: Gateway) -> None:
    tom = _signed_in(_agent("tom", gateway))
    for page in ("/mailbox/", "/mailbox/quarantine/"):
        assert (await tom.get(f"{page}?before=²")).status_code == 200


async def test_a_doubtful_mail_is_set_aside_and_kept(gateway: Gateway) -> None:
    await gateway.bring(mail("I am away.\n", Auto_Submitted="auto-replied"))
    (row,) = rows(QUARANTINED)
    stranger = _agent("ines", gateway)
    stranger.sites.clear()
    assert (await _signed_in(stranger).post(f"/mailbox/quarantine/{row.id}/decide", {"what": "leave"})).status_code == 404
    await _signed_in(_agent("tom", gateway)).post(f"/mailbox/quarantine/{row.id}/decide", {"what": "leave"})
    assert len(rows(DROPPED)) == 1
    assert not read.all_conversations()


def _agent(name: str, gateway: Gateway, *, role: str = "agent") -> Agent:
    agent = Agent.objects.create_user(f"{name}@demo.example", "a long password", name=name.title(), role=role)
    agent.sites.add(gateway.site)
    return agent


def _signed_in(agent: Agent) -> AsyncClient:
    client = AsyncClient()
    client.force_login(agent)
    return client


async def test_whoever_sits_at_another_machine_signs_in_first(gateway: Gateway) -> None:
    assert (await AsyncClient().get("/mailbox/")).status_code == 200
    answered = await asyncio.to_thread(Client(REMOTE_ADDR="192.0.2.7").get, "/mailbox/")
    assert answered.status_code == 302
    assert answered.headers["Location"].startswith("/sign-in/")
