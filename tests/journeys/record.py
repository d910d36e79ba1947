"""Nadia's record in her browser: opened by a link, read, saved from. Knows the words on the page, not the code behind."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import BrowserContext, Download, Locator, Page, expect


class Record:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None)

    @classmethod
    async def opened(cls, context: BrowserContext, link: str) -> Record:
        """By a link that needs no code."""
        record = cls(await context.new_page())
        await record.page.goto(link)
        await expect(record.page.get_by_role("heading", name="Your record")).to_be_visible()
        await expect(record.page.locator("#thread li").first).to_be_visible()
        return record

    @property
    def seal(self) -> Locator:
        return self.page.locator("#seal")

    def button(self, name: str) -> Locator:
        """By the beginning of its words: how files of its kind are known stands behind them."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}(?![a-z,])"))

    async def save(self, name: str, folder: Path) -> Path:
        async with self.page.expect_download() as download:
            await self.button(name).click()
        return await kept(await download.value, folder)

    async def fits(self) -> bool:
        """Whether nothing is wider than the window."""
        fits: bool = await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        return fits


async def kept(download: Download, folder: Path) -> Path:
    """The file, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / download.suggested_filename
    await download.save_as(place)
    return place
