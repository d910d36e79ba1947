"""Nadia puts Paul in copy: Tom chooses who gets his answer, Paul gets that one mail, and what nobody trusts waits for a click."""

from __future__ import annotations

import smtplib

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.mailgateway.mails import mail
from tests.services import RunningServer

PLAIN = "support@support.example"


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


def _post(shop: Shop, raw: bytes, *, to: str = PLAIN) -> None:
    with smtplib.SMTP("127.0.0.1", shop.server.smtp_port, timeout=20) as line:
        line.sendmail("nadia@customer.example", [to], raw)


async def test_tom_writes_to_paul_too_and_only_when_he_says_so(shop: Shop, chromium: Browser) -> None:
    _post(shop, mail("My lamp hums.\n", To=PLAIN, Cc="Paul Lang <paul@customer.example>"))
    tom = await Desk.of("Tom", shop=shop, chromium=chromium, path="/inbox/open/")
    await tom.row("Nadia").click()
    await expect(tom.line("put Paul Lang in copy.")).to_be_visible()
    paul = tom.page.get_by_role("checkbox", name="Paul Lang")
    await tom.answer("Only for Nadia.")
    await expect(paul).not_to_be_checked()
    await paul.check()
    await expect(tom.page.get_by_text("They get this answer alone")).to_be_visible()
    await tom.answer("For both of you.")
    await expect(tom.line("For both of you.")).to_contain_text("Also to Paul Lang")
    await expect(paul).not_to_be_checked()
    assert tom.faults == []


async def test_a_mail_that_nobody_trusts_is_taken_in_by_one_key(shop: Shop, chromium: Browser) -> None:
    forged = f"support+{'a' * 37}@support.example"
    _post(shop, mail("My lamp hums.\n", To=PLAIN))
    tom = await Desk.of("Tom", shop=shop, chromium=chromium, path="/inbox/open/")
    await expect(tom.row("Nadia")).to_be_visible()
    _post(shop, mail("It is me again.\n", To=forged, Message_ID="<n2@customer.example>"), to=forged)
    mails = tom.page.get_by_role("article")
    for _ in range(40):
        await tom.page.goto(f"{shop.server.url}/mailbox/quarantine/")
        if await mails.count():
            break
        await tom.page.wait_for_timeout(250)
    await expect(mails).to_contain_text("not as we made it")
    await expect(mails).to_contain_text("It is me again.")
    await tom.page.keyboard.press("Enter")
    await expect(tom.page.get_by_text("Taken in.")).to_be_visible()
