"""Slow domains, a relay that is away, a courier that dies: nothing is lost, nobody waits for others, and the record says it once."""

from __future__ import annotations

import asyncio
import time

import pytest
from django.conf import settings

from chat.events.talk import MessageSaid
from chat.ledger import deliveries, read
from chat.people.models import Site
from mailgateway import courier
from mailgateway.sending.pace import Pace
from tests.mailgateway.chatting import chatted
from tests.mailgateway.gateway import entries, kinds, say
from tests.services import MailSink, free_port
from tests.services.ports import wait_until

pytestmark = pytest.mark.engine


async def test_a_domain_that_does_not_answer_holds_up_nobody_else(database: str, relay: MailSink) -> None:
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    relay.slow = "slow.example"
    for number in range(12):
        await chatted(100 + number, site=site, address=f"nadia{number}@slow.example", answer="Hello.")
    await chatted(200, site=site, address="omar@quick.example", answer="Hello.")
    working = asyncio.create_task(courier.carry_due())
    (caught,) = await asyncio.to_thread(relay.wait_for, 1)
    assert caught.recipients == ["omar@quick.example"]
    relay.go_on.set()
    assert await working == 13
    assert kinds(200)[-1] == "mail.sent"
    waiting = [deliveries.of(100 + number, 3, "email") for number in range(12)]
    assert {(parcel.state, parcel.attempt) for parcel in waiting if parcel} == {("sent", 1), ("queued", 0)}, "none was tried in vain"


async def test_a_relay_that_is_away_for_three_days_loses_nothing(database: str, relay: MailSink, monkeypatch) -> None:
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{free_port()}")
    for number in range(5):
        await chatted(100 + number, site=site, answer="Hello.")
    clock = Clock()
    carrying = courier.Courier(clock=clock)
    for _ in range(18):
        carrying._pace = Pace()
        await carrying.fill()
        await carrying.all_done()
        clock.now += 4 * 3600
    assert kinds(100).count("mail.delayed") <= 8, "a record is not filled with attempts"
    assert not read.head(100).state.bounced
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{relay.port}")
    carrying._pace = Pace()
    while await carrying.fill():
        await carrying.all_done()
    await carrying.end()
    assert len(relay.mails) == 5
    assert [kinds(100 + number)[-1] for number in range(5)] == ["mail.sent"] * 5


async def test_a_mail_that_their_server_puts_off_is_given_up_after_two_days(chat: int, relay: MailSink) -> None:
    relay.refuse_to = {"customer.example": "450 4.2.0 Greylisted"}
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    clock = Clock()
    carrying = courier.Courier(clock=clock)
    attempts = 0
    while kinds(chat)[-1] != "mail.bounced":
        carrying._pace = Pace()
        attempts += await carrying.fill()
        await carrying.all_done()
        clock.now += 600
        assert clock.now - clock.began < 50 * 3600
    await carrying.end()
    assert 45 <= attempts <= 56
    assert "Given up after 48 hours: 450 4.2.0 Greylisted" in entries(chat)[-1].values["said"]


async def test_a_courier_that_dies_after_the_relay_said_yes_sends_the_same_mail_again_and_the_record_says_it_once(
    chat: int, relay: MailSink, monkeypatch
) -> None:
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    relay.slow = "customer.example"
    working = asyncio.create_task(courier.carry_due())
    await asyncio.to_thread(wait_until, lambda: relay.visits == 1)
    await asyncio.sleep(0.2)
    working.cancel()
    monkeypatch.setattr(courier, "ENDING", 0)
    await asyncio.gather(working, return_exceptions=True)
    relay.go_on.set()
    relay.wait_for(1)
    assert "mail.sent" not in kinds(chat), "nobody came to write it down"
    clock = Clock()
    clock.now += courier.LEASE + 1
    carrying = courier.Courier(clock=clock)
    assert await carrying.fill() == 1
    await carrying.all_done()
    await carrying.end()
    first, second = relay.wait_for(2)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.sender == second.sender
    assert kinds(chat).count("mail.sent") == kinds(chat).count("link.issued") == 1


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.began = self.now = time.time()

    def __call__(self) -> float:
        return self.now
