"""The doctor's checks of mail do the real thing, and each failure comes with its cure."""

from __future__ import annotations

import asyncio
from ipaddress import IPv4Network, ip_network

import pytest
from django.conf import settings

from chat.ledger import read
from chat.ledger.received import DROPPED
from chat.people.models import Site
from mailgateway import doctor, intake
from tests.mailgateway.gateway import Gateway, rows
from tests.services import MailSink


@pytest.mark.parametrize("proxies", [[], [ip_network("127.0.0.0/8")]], ids=["alone", "behind a proxy"])
async def test_a_mail_to_itself_is_found_again_and_opens_nothing(gateway: Gateway, monkeypatch, proxies: list[IPv4Network]) -> None:
    monkeypatch.setattr(settings, "MAIL_PROXIES", proxies)
    monkeypatch.setattr(settings, "SMTP_PORT", gateway.port)
    stopping = asyncio.Event()
    running = asyncio.create_task(intake.run(stopping))
    assert "stored with the same bytes" in await asyncio.to_thread(doctor.there_and_back)
    stopping.set()
    await running
    assert len(rows(DROPPED)) == 1
    assert not read.all_conversations()


def test_a_gateway_that_is_not_there_is_named_with_its_setting(database: str, monkeypatch) -> None:
    monkeypatch.setattr(settings, "SMTP_PORT", 9)
    with pytest.raises(doctor.Trouble) as trouble:
        doctor.there_and_back()
    assert "127.0.0.1:9" in trouble.value.sentence
    assert "THROUGHLINE_SMTP_HOST" in trouble.value.cure


def test_a_base_that_leaves_no_room_for_the_tag_is_refused(database: str) -> None:
    Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR", mail_base="support")
    assert "1 site fit" in doctor.base_length()
    Site.objects.filter(key="shop").update(mail_base="Support Team!")
    with pytest.raises(doctor.Trouble, match="cannot be the local part"):
        doctor.base_length()


def test_a_relay_is_asked_whether_it_is_there(mail_sink: MailSink, monkeypatch) -> None:
    assert "local mailbox" in doctor.relay()
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{mail_sink.port}")
    assert "answers" in doctor.relay()
    monkeypatch.setattr(settings, "RELAY", "127.0.0.1:9")
    with pytest.raises(doctor.Trouble) as trouble:
        doctor.relay()
    assert "THROUGHLINE_RELAY" in trouble.value.cure
