"""By which names a mail is known again."""

from __future__ import annotations

import pytest
from django.test import override_settings

from mailgateway import courier
from tests.mailgateway.gateway import Gateway, said
from tests.mailgateway.mails import mail
from tests.services import MailSink

pytestmark = pytest.mark.engine

SES = "0102019a8f3c7d21-5b1e0c9a-7f3d-4c55-9a50-1f7f5f0f3b6e-000000"


async def test_an_answer_to_the_identifier_that_a_relay_gave_our_mail_finds_it(gateway: Gateway, mail_sink: MailSink) -> None:
    conversation = await gateway.opened()
    await gateway.mails_out()
    mail_sink.refuse = f"250 Ok {SES}"
    with override_settings(RELAY=f"127.0.0.1:{mail_sink.port}"):
        await gateway.answer(conversation)
        while await courier.carry_due():
            pass
    for number, domain in enumerate(("email.amazonses.com", "eu-west-1.amazonses.com"), 2):
        await gateway.bring(mail(f"Yes {number}\n", Message_ID=f"<n{number}@customer.example>", In_Reply_To=f"<{SES}@{domain}>"))
    assert [(one.text, one.found_by) for one in said(conversation)[1:]] == [("Yes 2", "references"), ("Yes 3", "references")]
