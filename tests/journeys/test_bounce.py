"""Mails that do not arrive, as an agent sees it: on the message itself, in the other server's words; then the pause, and sending again."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.mailgateway.mails import mail
from tests.mailgateway.written_reports import dsn
from tests.services import MailSink, RunningServer

pytestmark = pytest.mark.journey


async def test_tom_sees_on_his_message_why_it_did_not_arrive_and_sends_again(
    server_factory: Callable[..., RunningServer], mail_sink: MailSink, chromium: Browser
) -> None:
    server = server_factory(relay=f"127.0.0.1:{mail_sink.port}").start()
    shop = Shop(server)

    def bring(raw: bytes, *, sender: str, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=20) as line:
            line.sendmail(sender, [to], raw)

    await asyncio.to_thread(bring, mail("Where is my lamp?\n"), sender="nadia@customer.example", to="support@support.example")
    (receipt,) = await asyncio.to_thread(mail_sink.wait_for, 1)
    desk = await Desk.of("Tom", shop=shop, chromium=chromium, path="/inbox/waiting/")
    await desk.row("Nadia").click()
    reply = desk.page.get_by_role("form", name="Reply")
    await expect(reply).to_contain_text("Not confirmed: without earlier messages")
    await desk.answer("It left this morning.")
    answer = (await asyncio.to_thread(mail_sink.wait_for, 2))[1]
    await asyncio.to_thread(bring, dsn(), sender="", to=answer.sender)
    message = desk.line("It left this morning.").first
    await expect(message).to_contain_text("Did not arrive: nobody is there")
    await expect(message).to_contain_text("Nobody has this address")
    await expect(message).to_contain_text("550 5.1.1 No such user")

    await asyncio.to_thread(bring, dsn(said="550 5.1.1 No such user, again"), sender="", to=receipt.sender)
    await expect(desk.line("Mail paused:")).to_contain_text("nobody is there, as two mails have shown")
    side = desk.page.get_by_role("complementary")
    await expect(side.get_by_text("Mail paused")).to_be_visible()
    await expect(reply).to_contain_text("Nothing goes to nadia@customer.example: nobody is there")
    await desk.answer("Can you read this?")
    await expect(desk.line("Can you read this?").first).to_contain_text("Did not arrive")

    await side.get_by_role("button", name="Send again").click()
    await expect(desk.line("lets mail through to nadia@customer.example again")).to_be_visible()
    again = (await asyncio.to_thread(mail_sink.wait_for, 3))[2]
    assert "Can you read this?" in again.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # ours have one
    await expect(desk.line("Can you read this?").first).not_to_contain_text("Did not arrive")
    await expect(side.get_by_text("Mail paused")).to_be_hidden()
    await expect(reply).not_to_contain_text("Nothing goes to")
    assert desk.faults == []
