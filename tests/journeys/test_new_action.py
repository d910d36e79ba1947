"""The inbox draws an action that it has never heard of: the page about adding one is followed in a copy, whose server then runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.docs.pages import copy_with
from tests.journeys.customer import Customer
from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer


async def test_one_new_server_file_is_a_button_a_key_and_a_form(
    server_factory: Callable[..., RunningServer], chromium: Browser, tmp_path: Path
) -> None:
    server = server_factory()
    server.root = copy_with("docs/add-a-action.md", tmp_path).root
    shop = Shop(server.start())
    nadia = await Customer.alone(await chromium.new_context(), server.url)
    conversation = await nadia.ask("My lamp came with a dent.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(conversation)

    await tom.press("More")
    await tom.sheet.get_by_role("button", name="Ask for a photo").click()
    await expect(tom.sheet.get_by_role("heading")).to_have_text("Ask for a photo")
    await tom.sheet.get_by_label("What shall it show").fill("the dent")
    await tom.sheet.get_by_role("button", name="Ask for a photo").click()
    await expect(nadia.line("a photo of the dent")).to_be_visible()
    await expect(tom.sheet).to_be_hidden()

    await tom.page.keyboard.press("f")
    await tom.sheet.get_by_label("What shall it show").fill("the box")
    await tom.page.keyboard.press("Tab")
    await tom.page.keyboard.press("Tab")
    await tom.page.keyboard.press("Enter")
    await expect(nadia.line("a photo of the box")).to_be_visible()
    assert tom.faults == nadia.faults == []


async def test_an_action_without_a_view_of_its_own_has_a_plain_form(running_server: RunningServer, chromium: Browser) -> None:
    shop = Shop(running_server)
    nadia = await Customer.alone(await chromium.new_context(), running_server.url)
    conversation = await nadia.ask("My lamp came with a dent.", name="N.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(conversation)
    await tom.press("More")
    await tom.sheet.get_by_role("button", name="Save name and address").click()
    await tom.sheet.get_by_label("Name").fill("Nadia")
    await tom.sheet.get_by_role("button", name="Save name and address").click()
    await expect(tom.page.get_by_role("complementary")).to_contain_text("Nadia")
    await expect(tom.line("Tom noted Nadia.")).to_be_visible()
