"""Draws the pictures of the README from the running product: `make pictures`.

A demo shop, a customer, an agent, a mail, a link; no mock-ups.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.journeys.customer import Customer
from tests.services import RunningServer
from tests.services.browser import launched_chromium

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
ASKED = "Hi! My Heron lamp (order B-10482) came with a dent in the shade."


async def draw() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="throughline-pictures-") as folder:
        server = RunningServer(Path(folder), demo=1, mode="development").start()
        try:
            async with launched_chromium() as browser:
                await _all(browser, server)
        finally:
            server.stop()


async def _all(browser: Browser, server: RunningServer) -> None:
    shop = await (await browser.new_context(viewport={"width": 1200, "height": 860})).new_page()
    await shop.goto(f"{server.url}/demo/")
    nadia = await Customer.in_the_shop(shop)
    await nadia.ask(ASKED, name="Nadia Lindqvist", address="nadia@customer.example")
    desk = await _signed_in(await browser.new_context(viewport={"width": 1440, "height": 900}), server)
    await desk.goto(f"{server.url}/inbox/unassigned/")
    await desk.get_by_text("Hi! My Heron lamp").first.click()
    await _reply(desk, "I am sorry about that, Nadia. Could you send me a photo of the dent?")
    await nadia.say("It is on the left side, near the rim.")
    await expect(desk.get_by_role("log").get_by_text("near the rim").first).to_be_visible()
    await _reply(desk, "Thank you, that is clear. I will refund EUR 40 so that you can keep the lamp.")
    await desk.get_by_role("button", name="Promise").click()
    await desk.get_by_role("dialog").get_by_label(re.compile("What")).fill("Refund of EUR 40")
    await desk.get_by_role("dialog").get_by_role("button", name=re.compile("Promise|Record")).click()
    await expect(desk.locator(".pin").first).to_be_visible()
    await nadia.say("That works, thanks")
    await expect(nadia.widget.locator(".pin")).to_be_visible()
    await shop.wait_for_timeout(1500)
    await shop.screenshot(path=PICTURES / "widget.png")
    await desk.screenshot(path=PICTURES / "inbox.png")
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    await expect(nadia.widget.get_by_role("menu")).to_be_visible()
    await shop.wait_for_timeout(500)
    await shop.screenshot(path=PICTURES / "save.png", clip={"x": 780, "y": 60, "width": 420, "height": 800})
    await shop.keyboard.press("Escape")
    await nadia.widget.get_by_role("button", name="Continue by e-mail").click()
    await nadia.widget.get_by_role("button", name="Move to e-mail").click()
    await _record(browser, desk, server)


async def _reply(desk: Page, text: str) -> None:
    box = desk.get_by_role("textbox", name=re.compile("answer|reply|message", re.I)).last
    await box.fill(text)
    await box.press("Control+Enter")
    await expect(desk.get_by_role("log").get_by_text(text).first).to_be_visible()


async def _signed_in(context: BrowserContext, server: RunningServer) -> Page:
    page = await context.new_page()
    await page.goto(f"{server.url}/sign-in/")
    password = (Path(str(server.settings["data"])) / "demo-password").read_text().strip()
    await page.get_by_label("E-mail").fill("tom@demo.example")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/inbox/**")
    return page


async def _record(browser: Browser, desk: Page, server: RunningServer) -> None:
    """The customer's record, by the link in the local mailbox and the code that follows it."""
    mailbox = await (await browser.new_context(viewport={"width": 1200, "height": 1400})).new_page()
    await _first_mail(mailbox, server, "dent")
    link = re.search(r"https?://\S+/r/#[\w-]+", await mailbox.locator(".plain").inner_text())
    assert link is not None
    page = await (await browser.new_context(viewport={"width": 1200, "height": 1560})).new_page()
    await page.goto(link[0])
    await expect(page.get_by_label("Code from the mail")).to_be_visible()
    await _give_code(page, mailbox, server, "Open my record")
    await expect(page.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    await page.screenshot(path=PICTURES / "record.png")
    await page.get_by_role("button", name="Mail me a code").click()
    await _give_code(page, mailbox, server, "Go on")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=PICTURES / "record-phone.png")


async def _give_code(page: Page, mailbox: Page, server: RunningServer, button: str) -> None:
    """The newest code in the local mailbox, which is not the one before."""
    before = mailbox.url
    while mailbox.url == before:
        await _first_mail(mailbox, server, "code")
    code = re.search(r"\b\d{6}\b", await mailbox.locator(".plain").inner_text())
    assert code is not None
    await page.get_by_label("Code from the mail").fill(code[0])
    await page.get_by_role("button", name=button).click()
    await expect(page.get_by_role("heading", name="Your record")).to_be_visible()


async def _first_mail(page: Page, server: RunningServer, word: str) -> None:
    link = page.locator("main a").filter(has_text=re.compile(word, re.I)).first
    for _ in range(40):
        await page.goto(f"{server.url}/mailbox/")
        if await link.count():
            break
        await page.wait_for_timeout(500)
    await link.click()
    await page.goto(f"{page.url}?as=text")


if __name__ == "__main__":
    asyncio.run(draw())
