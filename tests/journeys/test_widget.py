"""A customer's chat in a real browser against the real server: asking, being answered, leaving, losing the line, taking it all away."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chat.live.line import Client
from tests.journeys.customer import Customer, phone
from tests.journeys.host_page import host_page
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey

DENT = "My Heron lamp came with a dent in the shade."


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


@pytest.fixture
async def nadia(chromium: Browser, shop: Shop) -> Customer:
    return await Customer.alone(await chromium.new_context(accept_downloads=True), shop.server.url)


async def kinds(tom: Client, conversation: str) -> list[str]:
    """What stands in the record by now, as an agent reads it."""
    await tom.send("watch", conversation=conversation, after=0)
    await tom.next("live", conversation=conversation)
    await tom.send("unwatch", conversation=conversation)
    return [event["kind"] for event in tom.events(conversation)]


async def test_a_question_is_stored_answered_seen_and_promised(shop: Shop, nadia: Customer) -> None:
    await expect(nadia.widget.get_by_text("Nobody is here right now.")).to_be_visible()
    async with shop.agent("Tom") as tom:
        await expect(nadia.widget.get_by_text("1 person is here.")).to_be_visible()
        conversation = await nadia.ask(DENT)
        await expect(nadia.widget.get_by_text("We have your message")).to_be_visible()
        await tom.done("reply", conversation, text="Could you send a photo?", by="chat")
        await expect(nadia.line("Could you send a photo?")).to_contain_text("Tom")
        await expect(nadia.state_of(DENT)).to_have_text(re.compile(r"Seen \d\d:\d\d"))
        await expect(nadia.widget.get_by_text("We have your message")).to_be_hidden()
        made = await tom.done("promise", conversation, text="Refund of EUR 40", due=(time.time_ns() // 1000) + 5 * 86_400_000_000)
        pin = nadia.widget.locator(".pin")
        await expect(pin).to_contain_text("Refund of EUR 40, by ")
        await tom.done("keep", conversation, promise=made["position"], proof="RF-0093")
        await expect(pin).to_contain_text("Promise kept: Refund of EUR 40")
        await expect(pin).to_contain_text("RF-0093")
    assert nadia.faults == []


async def test_a_hand_over_and_a_decision_read_in_plain_words(shop: Shop, nadia: Customer) -> None:
    conversation = await nadia.ask(DENT)
    async with shop.agent("Tom") as tom, shop.agent("Ines") as ines:
        await tom.done("claim", conversation)
        await tom.done("hand_off", conversation, to=shop.ref("Ines"), reason="Card refunds need Ines.")
        await expect(nadia.line("Tom asked Ines to take over")).to_contain_text("Reason: Card refunds need Ines.")
        await ines.done("accept", conversation)
        await expect(nadia.line("Tom passed you to Ines")).to_contain_text("our promise to you stays")
        await expect(nadia.widget.locator(".w-head h2")).to_have_text("Ines")
        await ines.done("decide", conversation, text="You keep the lamp.", reasons="Terms 6.2.", remedies=["Ask for a review."])
        card = nadia.widget.get_by_role("article", name="Final decision")
        await expect(card).to_contain_text("You keep the lamp.")
        await expect(card).to_contain_text("Ask for a review.")
        await ines.done("close", conversation, outcome="EUR 40 refunded.")
        await expect(nadia.line("Ines closed this conversation.")).to_contain_text("EUR 40 refunded.")
    await nadia.say("It has not arrived.")
    await expect(nadia.state_of("It has not arrived.")).to_have_text(re.compile("Stored"))
    await expect(nadia.widget.get_by_role("button", name="Continue by e-mail")).to_be_visible()


async def test_what_is_written_while_the_server_is_away_goes_in_order_and_once(
    chromium: Browser, server_factory: Callable[..., RunningServer]
) -> None:
    server = server_factory().start()
    shop = Shop(server)
    context = await chromium.new_context()
    nadia = await Customer.alone(context, server.url)
    conversation = await nadia.ask(DENT)
    server.kill()
    for text in ("first", "second", "third"):
        await nadia.say(text)
    await expect(nadia.state_of("third")).to_have_text("Waiting to be sent")
    await expect(nadia.widget.get_by_text("No connection.")).to_be_visible()
    await expect(nadia.widget.get_by_role("button", name="Try now")).to_be_visible()
    await nadia.widget.get_by_role("textbox", name="Message").fill("a draft")
    await nadia.page.close()
    server.start()
    again = await Customer.alone(context, server.url)
    await again.widget.get_by_role("button", name=re.compile("^My Heron lamp")).click()
    await expect(again.state_of("third")).to_have_text(re.compile("Stored"))
    assert await again.lines() == [DENT, "first", "second", "third"]
    await expect(again.widget.get_by_role("textbox", name="Message")).to_have_value("a draft")
    async with shop.agent("Tom") as tom:
        assert (await kinds(tom, conversation)).count("message.said") == 4


async def test_a_line_counts_as_seen_only_while_the_panel_is_open(chromium: Browser, shop: Shop) -> None:
    page = await chromium.new_page()
    with host_page(shop.server.url) as origin:
        shop.allow(origin)
        await page.goto(origin)
        await page.mouse.click(*_launcher(page))
        nadia = await _panel(page)
        conversation = await nadia.ask(DENT)
        await page.keyboard.press("Escape")
        await nadia.widget.wait_for_function("() => !document.querySelector('tl-widget').live.store.state.panel.open")
        async with shop.agent("Tom") as tom:
            await tom.done("reply", conversation, text="Could you send a photo?", by="chat")
            await expect(nadia.widget.get_by_role("button", name="Reply")).to_be_visible()
            await asyncio.sleep(2.5)
            assert "message.seen" not in await kinds(tom, conversation)
            await nadia.widget.get_by_role("button", name="Reply").click()
            await expect(nadia.line("Could you send a photo?")).to_be_visible()
            await tom.send("watch", conversation=conversation, after=0)
            seen = await tom.next("event", kind="message.seen")
            assert seen["body"]["upto"] == 3


async def test_a_strict_and_rude_host_page_changes_nothing(chromium: Browser, shop: Shop) -> None:
    for kind in ('type="module"', ""):
        page = await chromium.new_page()
        with host_page(shop.server.url, kind=kind) as origin:
            shop.allow(origin)
            await page.goto(origin)
            await page.mouse.click(*_launcher(page))
            nadia = await _panel(page)
            await expect(nadia.widget.get_by_role("button", name="Chat with us")).to_be_visible()
            box = await (await nadia.widget.frame_element()).bounding_box()
            assert box is not None and (box["width"], box["height"]) == (376, 600)
            await nadia.widget.get_by_role("button", name="Close chat").click()
            assert await page.evaluate("document.activeElement.tagName") == "THROUGHLINE-WIDGET"
        await page.close()


async def test_an_origin_that_is_not_the_sites_gets_no_panel(chromium: Browser, shop: Shop) -> None:
    page = await chromium.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    with host_page(shop.server.url) as origin:
        await page.goto(origin)
        await page.mouse.click(*_launcher(page))
        await page.wait_for_timeout(1000)
    assert any("frame-ancestors" in text for text in refused)


async def test_keyboard_alone_suffices(chromium: Browser, shop: Shop) -> None:
    page = await chromium.new_page()
    await page.goto(f"{shop.server.url}/demo/")
    await page.wait_for_function("() => document.querySelector('throughline-widget')")
    while await page.evaluate("document.activeElement.tagName") != "THROUGHLINE-WIDGET":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    nadia = await _panel(page)
    await nadia.widget.get_by_role("button", name="Chat with us").focus()
    await page.keyboard.press("Enter")
    await expect(nadia.widget.get_by_label("What is it about?")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type(DENT)
    await nadia.widget.get_by_role("button", name="Start the chat").press("Enter")
    await expect(nadia.state_of(DENT)).to_have_text(re.compile("Stored"))
    save = nadia.widget.get_by_role("button", name="Save transcript")
    await save.press("Enter")
    await expect(nadia.widget.get_by_role("menuitem", name="PDF")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(nadia.widget.get_by_role("menuitem", name="Web page")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(save).to_be_focused()
    await page.keyboard.press("Escape")
    await page.wait_for_function("() => document.activeElement.tagName === 'THROUGHLINE-WIDGET'")


async def test_the_transcript_is_saved_during_the_chat_in_each_form(nadia: Customer) -> None:
    await nadia.ask(DENT)
    for name, ending in (("Web page", ".html"), ("Text", ".txt"), ("Data JSON", ".json")):
        await nadia.widget.get_by_role("button", name="Save transcript").click()
        async with nadia.page.expect_download() as download:
            await nadia.widget.get_by_role("menuitem", name=name).click()
        file = await download.value
        assert file.suggested_filename.endswith(ending)
        saved = Path(await file.path()).read_text()
        assert "dent in the shade" in saved
        assert ending != ".json" or json.loads(saved)


async def test_the_chat_goes_on_by_mail_at_the_customers_word(shop: Shop, nadia: Customer) -> None:
    conversation = await nadia.ask(DENT)
    await nadia.widget.get_by_role("button", name="Continue by e-mail").click()
    field = nadia.widget.get_by_label("Send to")
    await expect(field).to_be_focused()
    await field.fill("no address")
    await nadia.widget.get_by_role("button", name="Move to e-mail").click()
    await expect(nadia.widget.get_by_text("This does not look like an e-mail address.")).to_be_visible()
    await field.fill("nadia@customer.example")
    await nadia.widget.get_by_role("button", name="Move to e-mail").click()
    await expect(nadia.line("Continued by e-mail.")).to_contain_text("The chat stays open.")
    async with shop.agent("Tom") as tom:
        await tom.done("reply", conversation, text="Here is your answer.", by="email")
        await expect(nadia.line("Here is your answer.")).to_have_class(re.compile("mail"))


async def test_a_file_goes_along_and_one_too_large_is_refused_before_it_is_sent(shop: Shop, nadia: Customer) -> None:
    await nadia.ask(DENT)
    chooser = nadia.widget.locator("input[type=file]")
    await chooser.set_input_files({"name": "dent.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + b"0" * 5000})
    await nadia.say("Here it is")
    await expect(nadia.line("Here it is").get_by_role("link", name="dent.jpg")).to_be_visible()
    await expect(nadia.state_of("Here it is")).to_have_text(re.compile("Stored"))
    large = nadia.page.evaluate(
        """() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "receipt.pdf"));
        const input = document.querySelector("input[type=file]"); input.files = data.files; input.dispatchEvent(new Event("change")); }"""
    )
    await large
    await expect(nadia.widget.get_by_text("Too large (limit 25 MB).")).to_be_visible()
    await expect(nadia.widget.get_by_role("button", name="Send")).to_be_disabled()
    await nadia.widget.get_by_role("button", name="Remove receipt.pdf").click()
    await expect(nadia.widget.get_by_text("Too large")).to_be_hidden()


async def test_on_a_phone_the_panel_fills_the_screen_and_nothing_overflows(chromium: Browser, shop: Shop) -> None:
    page = await (await phone(chromium)).new_page()
    await page.goto(f"{shop.server.url}/demo/")
    await page.mouse.click(*_launcher(page))
    nadia = await _panel(page)
    await nadia.ask(DENT + " " + "verylongword" * 30)
    box = await (await nadia.widget.frame_element()).bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    assert await nadia.widget.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await nadia.widget.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await nadia.widget.get_by_role("button", name="Conversation menu").click()
    await nadia.widget.get_by_role("menuitem", name="My question is answered").click()
    await expect(nadia.widget.get_by_text("Closed. You can still write here")).to_be_visible()
    assert await nadia.widget.evaluate("[...document.querySelectorAll('.w > *')].every((part) => part.scrollWidth <= innerWidth)")


def _launcher(page: Page) -> tuple[int, int]:
    """The middle of the button in the corner: its shadow root is closed to the page, and to tests."""
    size = page.viewport_size
    return size["width"] - 70, size["height"] - 50


async def _panel(page: Page) -> Customer:
    handle = None
    while handle is None:
        handle = next((frame for frame in page.frames if "/widget/" in frame.url), None)
        await asyncio.sleep(0.05)
    await handle.wait_for_selector("tl-widget section")
    return Customer(page, handle)


async def test_the_hashed_files_of_production_carry_the_chat(chromium: Browser, server_factory: Callable[..., RunningServer]) -> None:
    server = server_factory(mode="production", secret="a secret of at least fifty characters, for this test alone").start()
    shop = Shop(server)
    page = await chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    nadia = Customer(page, page)
    await page.goto(f"{server.url}/widget/brindle/")
    conversation = await nadia.ask(DENT)
    async with shop.agent("Tom") as tom:
        await tom.done("reply", conversation, text="Could you send a photo?", by="chat")
        await expect(nadia.line("Could you send a photo?")).to_be_visible()
    served = [url for url in asked if "/static/" in url]
    assert served and all(re.search(r"\.[0-9a-f]{12}\.(js|css)$", url) for url in served)
    assert nadia.faults == []
