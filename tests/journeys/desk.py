"""An agent's browser: the inbox, worked as a person would work it. Knows the words on the page, not the code behind."""

from __future__ import annotations

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.shop import Shop


class Desk:
    """One agent's inbox. What the browser complains about is kept in `faults`."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None)

    @classmethod
    async def of(cls, name: str, *, shop: Shop, chromium: Browser, path: str = "/inbox/", **looks: object) -> Desk:
        """Signed in already, as a browser that was here yesterday."""
        context: BrowserContext = await chromium.new_context(**({"viewport": {"width": 1440, "height": 900}} | looks))  # type: ignore[arg-type]
        await context.add_cookies([{"name": "sessionid", "value": shop.agents[name][1], "url": shop.server.url}])
        desk = cls(await context.new_page(), shop.server.url)
        await desk.go(path)
        return desk

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)
        await expect(self.page.get_by_text("Here", exact=True)).to_be_attached()

    async def open(self, conversation: str) -> None:
        await self.page.goto(f"{self.url}/inbox/c/{conversation}/")
        await expect(self.box).to_be_visible()

    def row(self, text: str) -> Locator:
        return self.page.get_by_role("region", name="Conversations").get_by_role("link").filter(has_text=text)

    def line(self, text: str) -> Locator:
        """The item of the thread that holds a text."""
        return self.page.get_by_role("log").locator("li").filter(has_text=text)

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Your reply")

    @property
    def sheet(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def answer(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Control+Enter")
        # For a moment it may stand there twice: as it was sent, and as it came back from the record.
        await expect(self.line(text).first).to_be_visible()

    async def press(self, button: str) -> None:
        await self.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
