"""One conversation through every door: chat, away, mail, reply, same thread, link, chat, closed; and the transcript holds it all.

Real Daphne, real aiosmtpd, real Chromium, a real MTA between us and the customer's mail program.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chat.live.line import Client
from tests.journeys.customer import Customer
from tests.journeys.mail_program import answer_with_s_nail, text_of
from tests.journeys.shop import Shop
from tests.services import Postfix, RunningServer

pytestmark = pytest.mark.journey

NADIA = "nadia@customer.example"
SAID = (
    "My Heron lamp came with a dent in the shade.",
    "Could you send me a photo of it?",
    "I will refund EUR 40, so that you can keep the lamp.",
    "That works for me, thank you.",
    "I am back in the chat now.",
    "Good. The bank has the order.",
)


async def test_chat_mail_and_chat_again_are_one_thread_that_can_be_saved_at_any_time(
    server_factory: Callable[..., RunningServer], postfix: Postfix, gateway_port: int, chromium: Browser, tmp_path: Path
) -> None:
    server = server_factory(smtp_port=gateway_port, relay=f"127.0.0.1:{postfix.port}").start()
    shop = Shop(server)
    shop.set(away_after=3)
    async with shop.agent("Tom") as tom:
        conversation = await _chats_and_leaves(chromium, shop, tom)
        mail = (await asyncio.to_thread(postfix.wait_for_mail, "nadia"))[0]
        assert SAID[2] in text_of(mail)
        assert SAID[0] not in text_of(mail), "an address that is not confirmed gets the new lines alone"

        await asyncio.to_thread(answer_with_s_nail, mail, SAID[3], sender=NADIA, port=postfix.port, folder=tmp_path)
        reply = await tom.next("event", kind="message.said", side="customer", channel="email", within=30)
        assert reply["conversation"] == conversation
        assert reply["body"]["text"].strip() == SAID[3]
        assert SAID[2] in reply["body"]["quoted"]
        assert reply["body"]["doubt"] == ""

        page = await _opens_the_link(chromium, postfix, mail)
        await expect(page.get_by_text(SAID[3])).to_be_visible()
        await page.get_by_role("textbox", name="Your message").fill(SAID[4])
        await page.get_by_role("button", name="Send", exact=True).click()
        back = await tom.next("event", kind="message.said", side="customer", channel="widget", within=10, conversation=conversation)
        while back["body"]["text"] != SAID[4]:
            back = await tom.next("event", kind="message.said", side="customer", channel="widget", within=10, conversation=conversation)
        await tom.done("reply", conversation, text=SAID[5], by="chat")
        await expect(page.get_by_text(SAID[5])).to_be_visible()

        before = await _saved(page, tmp_path / "before")
        await tom.done("close", conversation, outcome="EUR 40 refunded; Nadia keeps the lamp.")
        await expect(page.get_by_text("EUR 40 refunded; Nadia keeps the lamp.")).to_be_visible()
        after = await _saved(page, tmp_path / "after")

    for texts in (before, after):
        for name, content in texts.items():
            assert _in_order(content, SAID), f"{name} does not hold everything in order"
    assert "EUR 40 refunded" not in before["Text"]
    for content in after.values():
        assert "EUR 40 refunded" in content
    kinds = [entry["kind"] for entry in _entries(after["Data"])]
    for kind in (
        "conversation.opened",
        "lines.mailed",
        "link.issued",
        "mail.sent",
        "link.redeemed",
        "transcript.taken",
        "conversation.closed",
    ):
        assert kind in kinds, f"{kind} is missing in {kinds}"
    verified = server.run("verify")
    assert verified.returncode == 0, verified.stdout


async def _chats_and_leaves(chromium: Browser, shop: Shop, tom: Client) -> str:
    """She asks and is answered in the chat, saves what there is, and closes the tab; the next answer finds nobody."""
    context = await chromium.new_context(accept_downloads=True)
    nadia = await Customer.alone(context, shop.server.url)
    conversation = await nadia.ask(SAID[0], address=NADIA)
    await tom.send("watch", conversation=conversation, after=0)
    await tom.next("live", conversation=conversation)
    await tom.done("reply", conversation, text=SAID[1], by="chat")
    await expect(nadia.line(SAID[1])).to_be_visible()
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    async with nadia.page.expect_download() as download:
        await nadia.widget.get_by_role("menuitem", name=re.compile("^Text")).click()
    path = await (await download.value).path()
    assert _in_order(await asyncio.to_thread(Path(path).read_text), SAID[:2])
    await tom.next("event", kind="message.seen", side="customer")
    await context.close()
    await tom.done("reply", conversation, text=SAID[2], by="chat")
    return conversation


async def _opens_the_link(chromium: Browser, postfix: Postfix, mail: object) -> Page:
    """In a browser that has never seen the chat: the link asks for a code that only the mailbox holds."""
    found = re.search(r"https?://\S+/r/#\S+", text_of(mail))  # type: ignore[arg-type]  # the mail of the maildir
    assert found, text_of(mail)  # type: ignore[arg-type]
    page = await (await chromium.new_context(accept_downloads=True)).new_page()
    await page.goto(found[0])
    await expect(page.get_by_text("Is it you?")).to_be_visible()
    mails = await asyncio.to_thread(postfix.wait_for_mail, "nadia", count=2)
    code = next(match[0] for each in mails if (match := re.search(r"\b\d{6}\b", text_of(each))) and "code" in text_of(each).lower())
    await page.get_by_label("Code from the mail").fill(code)
    await page.get_by_role("button", name="Open my record").click()
    await expect(page.get_by_role("heading", name="Your record")).to_be_visible()
    return page


async def _saved(page: Page, folder: Path) -> dict[str, str]:
    """Every format the page offers, by its label."""
    await asyncio.to_thread(folder.mkdir)
    texts = {}
    for label in ("Text", "Web page", "Data"):
        async with page.expect_download() as download:
            await page.get_by_role("button", name=re.compile(f"^{label} [A-Z]+$")).click()
        await (await download.value).save_as(folder / label)
        texts[label] = await asyncio.to_thread((folder / label).read_text)
    return texts


def _entries(data: str) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(data)["entries"]
    return entries


def _in_order(text: str, lines: tuple[str, ...]) -> bool:
    at = -1
    flat = re.sub(r"\s+", " ", text)
    for line in lines:
        at = flat.find(line, at + 1)
        if at < 0:
            return False
    return True
