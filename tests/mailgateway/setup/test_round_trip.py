"""The set-up proves itself: what goes out comes back, or it is said where it was lost and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from django.conf import settings
from imapclient.exceptions import LoginError

from chat.ledger import read
from chat.ledger.received import DROPPED
from mailgateway import intake
from mailgateway.doors import imap_account
from mailgateway.proof import evidence
from mailgateway.proof.lookups import Dns
from mailgateway.setup import advice, probe, round_trip
from mailgateway.setup.advice import NOTE, TROUBLE, WELL, Step
from tests.mailgateway.gateway import Gateway, rows
from tests.services import MailSink


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(round_trip, "LOOK", 0.05)
    monkeypatch.setattr(round_trip, "LATER", 0.5)


@pytest.fixture
def empty_dns() -> None:
    before = evidence.look_up_with(Dns(lambda name, kind, seconds: ([], 60.0)))
    yield
    evidence.look_up_with(before)


pytestmark = pytest.mark.usefixtures("empty_dns")


async def test_what_goes_out_comes_back_and_opens_nothing(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: True):
        found = await _told(gateway)
    assert [(step.state, step.name) for step in found if step.name != "proof"] == [
        (WELL, "out"),
        (WELL, "out"),
        (WELL, "in"),
        (WELL, "in"),
        (WELL, "reply address"),
    ]
    assert "over SMTP" in found[2].sentence and "mx.world.example" in found[2].sentence
    assert "name+tag@support.example comes back" in found[-1].sentence
    assert len(rows(DROPPED)) == 2 and not read.all_conversations()


async def test_a_host_that_loses_the_plus_is_told_apart_and_another_sign_is_offered(
    gateway: Gateway, mail_sink: MailSink, monkeypatch
) -> None:
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: "+" not in address and "=" not in address):
        last = (await _told(gateway))[-1]
        assert last.state == TROUBLE and "THROUGHLINE_MAIL_SEPARATOR=-, which comes through" in last.cure
        monkeypatch.setattr(settings, "MAIL_SEPARATOR", "-")
        assert (await _told(gateway))[-1].state == WELL


async def test_a_host_that_loses_every_tag_is_offered_what_works_without(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: address == "support@support.example"):
        last = (await _told(gateway))[-1]
        assert last.state == TROUBLE and "comes through" not in last.cure
        assert "THROUGHLINE_MAIL_REPLY_DOMAIN" in last.cure and "THROUGHLINE_MAIL_SEPARATOR=none" in last.cure
        monkeypatch.setattr(settings, "MAIL_SEPARATOR", "none")
        last = (await _told(gateway))[-1]
        assert last.state == NOTE and "references alone" in last.sentence


async def test_a_catch_all_domain_is_proven_like_the_rest(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_REPLY_DOMAIN", "reply.support.example")
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: "+" not in address):
        assert "tag@reply.support.example comes back" in (await _told(gateway))[-1].sentence


async def test_where_nothing_comes_back_the_door_is_looked_at(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: False):
        last = (await _told(gateway, patience=0.3))[-1]
        assert last.state == TROUBLE and "gateway listens" in last.sentence and "MX records of support.example" in last.cure
        monkeypatch.setattr(settings, "SMTP_PORT", 9)
        assert "Nobody answers at 127.0.0.1:9" in (await _told(gateway, patience=0.3))[-1].sentence
        monkeypatch.setattr(settings, "IMAP", ("127.0.0.1", 9))
        assert "cannot be read" in (await _told(gateway, patience=0.3))[-1].sentence
        monkeypatch.setattr(settings, "IMAP", None)
        monkeypatch.setattr(settings, "MAIL_HOOKS", {"postmark": ("s" * 16,)})
        assert "/mail/hooks/postmark/" in (await _told(gateway, patience=0.3))[-1].cure


async def test_a_relay_that_refuses_is_quoted_with_the_cure(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    mail_sink.refuse = "554 5.7.1 Not from here"
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: True):
        (step,) = await _told(gateway)
    assert step.state == TROUBLE and "Not from here" in step.sentence and "THROUGHLINE_RELAY" in step.cure
    assert "those bounce" in step.cure


async def test_what_becomes_of_mail_meanwhile_is_said_as_it_is(gateway: Gateway, mail_sink: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(settings, "RELAY", "127.0.0.1:9")
    (step,) = await _told(gateway)
    assert "none is given up" in step.cure
    mail_sink.refuse = "451 4.7.1 Later"
    async with _world(gateway, mail_sink, monkeypatch, delivers=lambda address: True):
        (step,) = await _told(gateway)
    assert "48 hours" in step.cure and "given up" not in step.cure


async def test_without_a_relay_nothing_is_sent(gateway: Gateway) -> None:
    (step,) = await _told(gateway)
    assert step.state == TROUBLE and "local mailbox" in step.sentence


async def test_a_report_about_such_a_mail_opens_nothing_either(gateway: Gateway) -> None:
    one = probe.make(gateway.site, "+")
    text = f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {one.mail.to}\nAction: failed\nStatus: 5.1.1\n"
    raw = (
        "From: MAILER-DAEMON@mx.example\nTo: x@support.example\nSubject: Undelivered\nMessage-ID: <r@mx.example>\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\nNo.\n'
        f"--b\nContent-Type: message/delivery-status\n\n{text}\n--b--\n"
    )
    await gateway.bring(raw.replace("\n", "\r\n").encode(), to=one.mail.sender, sender="")
    assert not read.all_conversations() and len(rows(DROPPED)) == 1


def test_a_mailbox_that_lets_nobody_in_is_quoted_in_its_own_words(monkeypatch) -> None:
    def closed(account: object) -> None:
        raise LoginError(b"[AUTHENTICATIONFAILED] Wrong password.")

    monkeypatch.setattr(settings, "IMAP", ("imap.world.example", 993))
    monkeypatch.setattr(imap_account, "Session", closed)
    step = advice.mailbox()
    assert step is not None and step.sentence.endswith("cannot be read: [AUTHENTICATIONFAILED] Wrong password.")


def test_each_missing_record_comes_with_the_line_to_publish(database: str) -> None:
    found = {step.name: step for step in advice.records()}
    assert {"MX", "SPF", "DKIM", "DMARC"} <= set(found)
    assert found["DMARC"].state == TROUBLE and found["DMARC"].line.startswith("_dmarc.support.example. IN TXT")


@asynccontextmanager
async def _world(gateway: Gateway, sink: MailSink, monkeypatch, *, delivers: Callable[[str], bool]) -> AsyncIterator[None]:
    """The relay hands what it gets to the gateway, or loses it."""
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{sink.port}")
    monkeypatch.setattr(settings, "SMTP_PORT", gateway.port)
    stopping = asyncio.Event()

    async def carry() -> None:
        done = 0
        while not stopping.is_set():
            for caught in sink.mails[done:]:
                done += 1
                if delivers(caught.recipients[0]):
                    date = caught.message["Date"]
                    line = f"Received: from relay.example by mx.world.example with ESMTP; {date}\r\n"
                    await gateway.post(line.encode() + caught.raw, to=caught.recipients, sender=caught.sender)
            await asyncio.sleep(0.02)

    running = [asyncio.create_task(carry()), asyncio.create_task(intake.run(stopping))]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*running)


async def _told(gateway: Gateway, *, patience: float = 15) -> list[Step]:
    return [step async for step in round_trip.run(gateway.site, patience=patience)]
