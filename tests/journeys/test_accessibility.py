"""What axe-core (WCAG 2.2, A and AA) finds on the customer's pages, by day and by night: nothing. It sees half of what there is to see."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.journeys.customer import Customer
from tests.journeys.record import Record
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey

VENDOR = Path(__file__).resolve().parents[1] / "vendor" / "axe-core"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FOR_PAGES = [*RULES, "best-practice"]
FIND = (
    "(rules) => axe.run({ runOnly: rules }).then((found) => found.violations.map((one) => [one.id, ...one.nodes.map((node) => node.html)]))"
)

SETTLED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)))"""
"""Colours on their way from day to night are neither's."""


async def _faults(page: Page, rules: list[str]) -> list[list[str]]:
    """As [rule, element, ...]. Evaluated from outside, because the page's own policy allows no script but ours."""
    await page.evaluate((VENDOR / "axe.min.js").read_text())
    found: list[list[str]] = await page.evaluate(FIND, rules)
    return found


async def _nothing_is_found(page: Page, rules: list[str] = FOR_PAGES) -> None:
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # two of its literals
        await page.evaluate(SETTLED)
        assert await _faults(page, rules) == [], scheme


def test_axe_is_the_one_whose_digest_was_written_down() -> None:
    listed = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (VENDOR / "VERSIONS").read_text(), re.MULTILINE))
    assert {hashlib.sha256((VENDOR / name).read_bytes()).hexdigest(): name for name in listed.values()} == listed


async def test_the_record_and_the_ways_into_it_hold_no_barrier(chromium: Browser, running_server: RunningServer) -> None:
    shop = Shop(running_server)
    nadia = await Customer.alone(await chromium.new_context(), running_server.url)
    conversation = await nadia.ask("My Heron lamp came with a dent in the shade.")
    async with shop.agent("Tom") as tom:
        await tom.done("note", conversation, text="Card refunds need Ines.")
        await tom.done("decide", conversation, text="You keep the lamp.", reasons="Terms 6.2.", remedies=["Ask for a review."])
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    await nadia.widget.get_by_role("menuitem", name="Copy a link").click()
    link = await nadia.widget.get_by_label("Your link").input_value()
    record = await Record.opened(await chromium.new_context(), link)
    await record.page.locator("summary").first.click()
    await _nothing_is_found(record.page)
    await record.page.goto(f"{running_server.url}/r/")
    await _nothing_is_found(record.page)


async def test_the_page_that_checks_holds_no_barrier(chromium: Browser, running_server: RunningServer) -> None:
    page = await chromium.new_page()
    await page.goto(f"{running_server.url}/verify/")
    await _nothing_is_found(page)
    letter = FilePayload(name="letter.txt", mimeType="text/plain", buffer=b"Dear Nadia,\n")
    await page.set_input_files("#files", [letter])
    await expect(page.get_by_text("This cannot be checked")).to_be_visible()
    await _nothing_is_found(page)


async def test_the_widget_with_its_menu_holds_no_barrier(chromium: Browser, running_server: RunningServer) -> None:
    Shop(running_server)
    nadia = await Customer.alone(await chromium.new_context(viewport={"width": 390, "height": 780}), running_server.url)
    await _nothing_is_found(nadia.page, RULES)
    await nadia.ask("My Heron lamp came with a dent in the shade.")
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    await expect(nadia.widget.get_by_role("menu")).to_be_visible()
    await _nothing_is_found(nadia.page, RULES)
