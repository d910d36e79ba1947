"""Nadia's browser: a page with the widget, worked as a person would work it. Knows the words on the page, not the code behind."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Browser, BrowserContext, Frame, Locator, Page, expect

# The machine may be busy with other tests: what takes a moment by hand may take longer here.
expect.set_options(timeout=20_000)
STATE = "document.querySelector('tl-widget').live.store.state"


class Customer:
    """`widget` is the panel: the iframe inside a host page, or the panel's own page."""

    def __init__(self, page: Page, widget: Page | Frame) -> None:
        self.page, self.widget = page, widget
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))

    @classmethod
    async def alone(cls, context: BrowserContext, url: str, *, site: str = "brindle") -> Customer:
        """On the panel's own page."""
        page = await context.new_page()
        nadia = cls(page, page)
        await page.goto(f"{url}/widget/{site}/")
        return nadia

    @classmethod
    async def in_the_shop(cls, page: Page) -> Customer:
        """Presses the button in the corner of a page; its shadow root is closed to the page, and to tests."""
        size = page.viewport_size
        assert size is not None
        await page.mouse.click(size["width"] - 70, size["height"] - 50)
        frame = None
        while frame is None:
            frame = next((frame for frame in page.frames if "/widget/" in frame.url), None)
            await asyncio.sleep(0.05)
        await frame.wait_for_selector("tl-widget section")
        return cls(page, frame)

    async def ask(self, text: str, *, name: str = "Nadia", address: str = "", shown: str = "") -> str:
        """Start a conversation; gives its id once it is stored, and stands in the thread as `shown` (else as it was written)."""
        await self.widget.get_by_role("button", name="Chat with us").click()
        await self.widget.get_by_label("What is it about?").fill(text)
        await self.widget.get_by_label("Your name").fill(name)
        await self.widget.get_by_label("E-mail").fill(address)
        await self.widget.get_by_role("button", name="Start the chat").click()
        await expect(self.state_of(shown or text)).to_have_text(re.compile("Stored"))
        await self.widget.wait_for_function(f"() => /^[0-9]+$/.test({STATE}.view.conversation)")
        conversation: str = await self.widget.evaluate(f"{STATE}.view.conversation")
        return conversation

    async def say(self, text: str) -> None:
        box = self.widget.get_by_role("textbox", name="Message")
        await box.fill(text)
        await box.press("Enter")

    def line(self, text: str) -> Locator:
        """The item of the thread that holds a text."""
        return self.widget.get_by_role("log").locator("li").filter(has_text=text)

    def state_of(self, text: str) -> Locator:
        return self.line(text).locator(".state")

    async def lines(self) -> list[str]:
        """What stands in the bubbles, from top to bottom."""
        return await self.widget.locator(".bub").all_inner_texts()


async def phone(chromium: Browser) -> BrowserContext:
    """A small touch screen."""
    return await chromium.new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
