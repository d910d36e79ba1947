"""An answer by e-mail is taken back in time, by keyboard and by button, and goes out once when it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.customer import Customer
from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey


async def test_an_answer_by_mail_is_taken_back_edited_and_sent(server_factory: Callable[..., RunningServer], chromium: Browser) -> None:
    shop = Shop(server_factory(undo=4).start())
    nadia = await Customer.alone(await chromium.new_context(), shop.server.url)
    conversation = await nadia.ask("My lamp came with a dent.", address="nadia@customer.example")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    ines = await Desk.of("Ines", shop=shop, chromium=chromium)
    await tom.open(conversation)
    await ines.open(conversation)
    keys = tom.page.keyboard

    await keys.press("Escape")
    await keys.press("m")
    await tom.box.fill("I will refund EUR 400.")
    await tom.box.press("Control+Enter")
    bar = tom.page.locator("tl-held")
    await expect(bar).to_contain_text("Sending to Nadia in")
    await expect(ines.page.locator("tl-held")).to_contain_text("Tom is sending an e-mail")
    await keys.press("Control+z")
    await expect(tom.box).to_have_value("I will refund EUR 400.")
    await expect(bar).to_be_empty()
    await expect(ines.page.locator("tl-held")).to_be_empty()
    await expect(tom.line("EUR 400")).to_have_count(0)

    await tom.box.fill("I will refund EUR 40.")
    said = tom.page.get_by_role("alert").filter(has_text="Your text is in the reply box again.")
    await expect(said).to_be_visible()
    await tom.box.press("Control+Enter")
    await expect(said).to_be_hidden()
    await expect(bar.get_by_role("button", name="Undo")).to_be_visible()
    await tom.page.reload()
    await expect(bar.get_by_role("button", name="Undo")).to_be_visible()
    await expect(tom.line("I will refund EUR 40.")).to_be_visible(timeout=10_000)
    await expect(tom.line("I will refund EUR 40.")).to_have_count(1)
    await expect(bar).to_be_empty()

    await keys.press("m")
    await tom.box.fill("One more thing.")
    await tom.box.press("Control+Enter")
    await expect(bar).to_contain_text("Sending to Nadia in")
    await nadia.say("Forget it, it was the wrong lamp.")
    await expect(bar).to_contain_text("The customer has written meanwhile.", timeout=10_000)
    await bar.get_by_role("button", name="Back to the reply box").click()
    await expect(tom.box).to_have_value("One more thing.")
    assert tom.faults == ines.faults == []
