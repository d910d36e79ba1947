"""A one-time code goes out at once, says nothing of the conversation, and a failure reaches whoever asked for it."""

from __future__ import annotations

import asyncio

import pytest
from django.conf import settings

from chat.people.codes import CodeMail
from mailgateway.sending import code_mail
from tests.mailgateway.gateway import Gateway


async def test_a_code_is_mailed_at_once_and_by_itself(gateway: Gateway) -> None:
    await asyncio.to_thread(code_mail.carry, CodeMail(site=gateway.site.pk, to="nadia@customer.example", code="493021", case_number="BR-7"))
    (mail,) = await gateway.mails_out()
    assert mail["To"] == "nadia@customer.example"
    assert mail["Subject"] == "493021 is your code for BR-7"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "493021" in mail.get_content()


async def test_a_relay_that_is_away_is_told_to_whoever_asked(gateway: Gateway, monkeypatch) -> None:
    monkeypatch.setattr(settings, "RELAY", "127.0.0.1:9")
    mail = CodeMail(site=gateway.site.pk, to="nadia@customer.example", code="493021", case_number="BR-7")
    with pytest.raises(OSError, match="cannot be reached"):
        await asyncio.to_thread(code_mail.carry, mail)
