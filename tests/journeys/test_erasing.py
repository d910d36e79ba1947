"""What is masked never comes to the screen again, and what two of the team cross out goes from every open window at once."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.customer import Customer
from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey

DENT = "My Heron lamp came with a dent in the shade."


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


@pytest.fixture
async def nadia(chromium: Browser, shop: Shop) -> Customer:
    return await Customer.alone(await chromium.new_context(), shop.server.url)


async def test_a_card_number_in_the_chat_is_masked_for_both_sides(shop: Shop, nadia: Customer) -> None:
    conversation = await nadia.ask(
        "Refund it to 4111 1111 1111 1111, please.", shown="Refund it to [card number masked, ends 1111], please."
    )
    async with shop.agent("Tom") as tom:
        await tom.send("watch", conversation=conversation, after=0)
        await tom.next("live", conversation=conversation)
        assert "4111" not in str(tom.events(conversation))


async def test_who_saved_a_record_without_a_name_is_somebody(shop: Shop, nadia: Customer, chromium: Browser) -> None:
    conversation = await nadia.ask(DENT)
    async with shop.agent("Tom") as tom, shop.agent("Ines") as ines:
        await tom.done("take", conversation, format="text")
        await tom.send("watch", conversation=conversation, after=0)
        await tom.next("live", conversation=conversation)
        [taken] = [event["position"] for event in tom.events(conversation) if event["kind"] == "transcript.taken"]
        await tom.done("propose_crossing", conversation, ground="mistake", reason="It was not him.", entry=taken, field="by")
        await ines.done("agree_crossing", conversation)
    desk = await Desk.of("Tom", shop=shop, chromium=chromium)
    await desk.open(conversation)
    await expect(desk.line("saved the transcript")).to_contain_text("Somebody")
    await expect(desk.page.get_by_text(re.compile("^text, .*,$"))).to_have_count(0)
    assert desk.faults == []


async def test_what_is_crossed_out_leaves_her_window_and_theirs_at_once(shop: Shop, nadia: Customer, chromium: Browser) -> None:
    conversation = await nadia.ask(DENT)
    desk = await Desk.of("Tom", shop=shop, chromium=chromium)
    await desk.open(conversation)
    await expect(desk.line(DENT)).to_be_visible()
    async with shop.agent("Tom") as tom, shop.agent("Ines") as ines:
        form = {"ground": "mistake", "reason": "It names a neighbour.", "entry": 2, "field": "text"}
        await tom.done("propose_crossing", conversation, **form)
        await expect(nadia.line(DENT)).to_be_visible()
        waiting = desk.page.get_by_text("It is proposed to cross something out")
        await expect(waiting).to_be_visible()
        await expect(desk.page.get_by_role("button", name="Decline")).to_be_visible()
        await ines.done("agree_crossing", conversation)
    await expect(nadia.line(DENT)).to_have_count(0)
    await expect(nadia.widget.get_by_text("This text was erased for privacy.")).to_be_visible()
    await expect(nadia.widget.get_by_text("Content of 2 entries was crossed out")).to_be_visible()
    await expect(desk.line(DENT)).to_have_count(0)
    await expect(waiting).to_have_count(0)
    assert nadia.faults == []
    assert desk.faults == []
