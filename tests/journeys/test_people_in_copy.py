"""Nadia puts Paul in copy: Tom chooses who gets his answer, Paul gets that one mail, and what nobody trusts waits for a click."""

from __future__ import annotations

import smtplib

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.customer import Customer
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


async def test_tom_writes_to_paul_too_only_when_he_says_so_and_takes_in_by_one_key_what_nobody_trusts(
    shop: Shop, chromium: Browser
) -> None:
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

    # Somebody writes to an address that was never ours.
    forged = f"support+{'a' * 37}@support.example"
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
    assert tom.faults == []


TAG = """
import sys
import django
django.setup()
from chat.ledger import read
from chat.people.models import Site
from mailgateway import addressee, addresses
head = read.head(int(sys.argv[1]))
number = addressee.number_of(head.state.customer.ref)
print(addresses.reply_to(Site.objects.get(), conversation=head.conversation, addressee=number))
"""


async def test_nadia_sees_who_else_wrote_into_her_chat(shop: Shop, chromium: Browser) -> None:
    nadia = await Customer.alone(await chromium.new_context(), shop.server.url)
    conversation = await nadia.ask("My lamp hums.", address="nadia@customer.example")
    (tag,) = shop.run(TAG, conversation).split()[-1:]
    _post(shop, mail("I am her brother.\n", From="Paul Lang <paul@other.example>", To=tag, Message_ID="<p@other.example>"), to=tag)
    line = nadia.line("I am her brother.")
    await expect(line).to_contain_text("Paul Lang")
    await expect(line).not_to_contain_text("You")
    await expect(nadia.line("Paul Lang wrote into this conversation.")).to_be_visible()
    assert nadia.faults == []
