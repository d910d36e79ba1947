"""Saved before, during and after a chat, and three days later by the link alone: each time all of it, and the older begins the newer."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.customer import Customer, phone
from tests.journeys.record import Record, kept
from tests.journeys.shop import Shop
from tests.services import RunningServer
from tests.services.ports import program

pytestmark = pytest.mark.journey

DENT = "My Heron lamp came with a dent in the shade."
REFUND = "I will refund EUR 40, so that you can keep the lamp."
OUTCOME = "EUR 40 refunded; Nadia keeps the lamp."
FAKETIME = "libfaketime.so.1"


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


@pytest.fixture
async def nadia(chromium: Browser, shop: Shop) -> Customer:
    return await Customer.alone(await chromium.new_context(accept_downloads=True), shop.server.url)


async def _saves(nadia: Customer, name: str, folder: Path) -> Path:
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    async with nadia.page.expect_download() as download:
        await nadia.widget.get_by_role("menuitem", name=re.compile(f"^{name}")).click()
    return await kept(await download.value, folder)


async def _copies_a_link(nadia: Customer) -> str:
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    await nadia.widget.get_by_role("menuitem", name="Copy a link").click()
    link = await nadia.widget.get_by_label("Your link").input_value()
    await nadia.widget.get_by_role("button", name="Close", exact=True).click()
    await expect(nadia.widget.get_by_role("button", name="Save transcript")).to_be_focused()
    return link


def _begins(server: RunningServer, older: Path, newer: Path) -> None:
    done = server.run("compare", str(older), str(newer))
    assert done.returncode == 0, done.stdout + done.stderr


async def test_before_during_and_after_and_three_days_later_she_has_all_of_it(
    chromium: Browser, server_factory: Callable[..., RunningServer], tmp_path: Path
) -> None:
    server = server_factory().start()
    shop = Shop(server)
    context = await chromium.new_context(accept_downloads=True)
    nadia = await Customer.alone(context, server.url)
    conversation = await nadia.ask(DENT)
    before = await _saves(nadia, "Data JSON$", tmp_path / "before")
    async with shop.agent("Tom") as tom:
        await tom.done("reply", conversation, text=REFUND, by="chat")
        await expect(nadia.line(REFUND)).to_be_visible()
        during = await _saves(nadia, "Data JSON$", tmp_path / "during")
        link = await _copies_a_link(nadia)
        await tom.done("close", conversation, outcome=OUTCOME)
    await expect(nadia.line("closed this conversation")).to_be_visible()
    after = await _saves(nadia, "Data JSON$", tmp_path / "after")
    assert nadia.faults == []
    await context.close()
    await asyncio.to_thread(server.stop)

    server.around = {"LD_PRELOAD": _faketime(), "FAKETIME": "+3d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    await asyncio.to_thread(server.start)
    record = await Record.opened(await chromium.new_context(accept_downloads=True), link)
    assert await record.page.locator("h3.day").count() == 2, "the day she wrote on, and the day she came back"
    later = await record.save("Data JSON", tmp_path / "later")
    whole = await record.save("Full record, ZIP", tmp_path / "later")
    await expect(record.page.get_by_role("link", name="Keep the signature")).to_be_visible()
    assert record.faults == []
    server.around = {}
    for older, newer in ((before, during), (during, after), (after, later)):
        await asyncio.to_thread(_begins, server, older, newer)
    verified = await asyncio.to_thread(server.run, "verify", str(later), str(whole))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert OUTCOME in later.read_text() and OUTCOME not in during.read_text()


async def test_every_form_is_saved_in_the_middle_of_a_chat_with_one_press(nadia: Customer, tmp_path: Path) -> None:
    await nadia.ask(DENT)
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    names = [name.split("\n")[0] for name in await nadia.widget.get_by_role("menuitem").all_inner_texts()]
    await nadia.page.keyboard.press("Escape")
    assert {"PDF", "Web page", "Text", "Data", "Full record"} <= set(names)
    for name in ("PDF$", "Web page", "Text", "Full record"):
        file = await _saves(nadia, name, tmp_path)
        assert file.stat().st_size > 500
    await expect(nadia.widget.get_by_text(re.compile("Your full record, .* is being saved"))).to_be_visible()
    assert nadia.faults == []


async def test_the_record_is_saved_with_the_keyboard_alone(chromium: Browser, nadia: Customer, tmp_path: Path) -> None:
    await nadia.ask(DENT)
    link = await _copies_a_link(nadia)
    record = await Record.opened(await chromium.new_context(accept_downloads=True), link)
    for _ in range(60):
        await record.page.keyboard.press("Tab")
        if (await record.page.evaluate("document.activeElement.innerText")).startswith("Text"):
            break
    await expect(record.button("Text")).to_be_focused()
    async with record.page.expect_download() as download:
        await record.page.keyboard.press("Enter")
    assert DENT in (await kept(await download.value, tmp_path)).read_text()


async def test_without_script_she_reads_and_saves_and_gets_the_archive(chromium: Browser, nadia: Customer, tmp_path: Path) -> None:
    await nadia.ask(DENT)
    link = await _copies_a_link(nadia)
    context = await chromium.new_context(accept_downloads=True, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_label("The link from your mail").fill(link)
    await page.get_by_role("button", name="Open my record").click()
    record = Record(page)
    await expect(page.get_by_text(DENT).first).to_be_visible()
    assert DENT in (await record.save("Text", tmp_path)).read_text()
    await record.button("Full record, ZIP").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download", exact=True).click(timeout=60_000)
    assert (await kept(await download.value, tmp_path)).read_bytes().startswith(b"PK")


async def test_on_a_phone_nothing_is_wider_than_the_window(chromium: Browser, nadia: Customer) -> None:
    await nadia.ask(DENT + " " + "verylongword" * 30)
    link = await _copies_a_link(nadia)
    record = await Record.opened(await phone(chromium), link)
    assert await record.fits()
    await record.page.set_viewport_size({"width": 320, "height": 640})
    assert await record.fits()
    await record.page.get_by_role("link", name="Save", exact=True).tap()
    await expect(record.button("PDF")).to_be_in_viewport()


async def test_a_change_behind_our_back_is_shown_in_red_with_its_number(chromium: Browser, nadia: Customer, shop: Shop) -> None:
    await nadia.ask(DENT)
    record = await Record.opened(await chromium.new_context(), await _copies_a_link(nadia))
    await expect(record.seal).to_contain_text("Nothing here was changed since it was sealed")
    await expect(record.seal).to_contain_text("This server checked at")
    with sqlite3.connect(next(Path(str(shop.server.settings["data"])).glob("*.sqlite3"))) as store:
        store.execute("DROP TRIGGER chat_event_only_cross_out")
        store.execute("UPDATE chat_event SET body = replace(body, 'a dent', 'a scratch') WHERE position = 2")
    await record.page.reload()
    await expect(record.seal).to_contain_text("Something here does not match its seal")
    await expect(record.seal.get_by_role("link", name="number 2")).to_be_visible()
    red = await record.seal.evaluate("(seal) => getComputedStyle(seal).borderColor === getComputedStyle(seal.querySelector('b')).color")
    assert red


async def test_a_record_that_lies_open_adds_nothing_to_itself(chromium: Browser, nadia: Customer) -> None:
    await nadia.ask(DENT)
    record = await Record.opened(await chromium.new_context(), await _copies_a_link(nadia))
    entries = record.page.locator("#thread li")
    before = await entries.count()
    await asyncio.sleep(3)
    assert await entries.count() <= before + 1, "that she has seen the last line is told once"


async def test_a_cancelled_link_opens_nothing_in_any_browser(chromium: Browser, nadia: Customer) -> None:
    await nadia.ask(DENT)
    link = await _copies_a_link(nadia)
    record = await Record.opened(await chromium.new_context(), link)
    await record.page.get_by_role("button", name="Cancel the link").click()
    await expect(record.page.get_by_text("The link is cancelled.")).to_be_visible()
    page = await (await chromium.new_context()).new_page()
    texts = []
    for one in (link, link[:-4] + "AAAA"):
        async with page.expect_response("**/r/redeem") as answer:
            await page.goto(one)
        assert (await answer.value).status == 404
        texts.append(await page.locator("main").inner_text())
        await page.goto("about:blank")
    assert texts[0] == texts[1]


def _faketime() -> str:
    folder = Path(program("faketime", "faketime")).parents[1] / "lib"
    return str(next(folder.rglob(FAKETIME)))
