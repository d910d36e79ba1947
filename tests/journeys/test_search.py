"""Tom finds what customers wrote: a moment after it was written, by the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.customer import Customer
from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


async def _ask(page: Page, words: str, *, finds: int) -> None:
    """Type until it is found: the index is a moment behind."""
    await page.keyboard.press("/")
    box = page.get_by_role("combobox")
    for _ in range(20):
        await box.fill("")
        await box.press_sequentially(words)
        await page.wait_for_timeout(400)
        if await page.get_by_role("option").filter(has_text="BR-").count() >= finds:
            return


async def test_tom_finds_a_conversation_by_what_was_said_in_it(shop: Shop, chromium: Browser) -> None:
    nadia = await Customer.alone(await chromium.new_context(), shop.server.url)
    conversation = await nadia.ask("My lamp came with a dent.")
    await nadia.say("The shade is bent near the rim.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await _ask(tom.page, "bent ri", finds=1)
    found = tom.page.get_by_role("option").filter(has_text="BR-")
    await expect(found).to_have_count(1)
    await expect(found).not_to_contain_text("rim")
    await tom.page.keyboard.press("Enter")
    await expect(tom.page).to_have_url(f"{shop.server.url}/inbox/c/{conversation}/")
    await expect(tom.line("bent near the rim")).to_be_visible()
    assert tom.faults == nadia.faults == []
