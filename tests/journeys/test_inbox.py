"""The agents' side from the first run to the closing: real server, real browsers, Nadia in the widget and the team in the inbox."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.customer import Customer
from tests.journeys.desk import Desk
from tests.journeys.shop import Shop
from tests.services import RunningServer


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return Shop(running_server)


async def _nadia(chromium: Browser, shop: Shop) -> Customer:
    return await Customer.alone(await chromium.new_context(), shop.server.url)


async def test_ruth_sets_up_her_shop_and_answers_her_first_customer(
    server_factory: Callable[..., RunningServer], chromium: Browser
) -> None:
    server = server_factory().start()
    page = await (await chromium.new_context()).new_page()
    await page.goto(server.url)
    for label, text in (
        ("Name of your shop", "Brindle Lamps"),
        ("Short name", "brindle"),
        ("Letters of the case numbers", "BR"),
        ("Your name", "Ruth"),
        ("Your e-mail", "ruth@brindle.example"),
        ("Password", "linnet67-curlew34"),
    ):
        await page.get_by_label(label).fill(text)
    await page.get_by_role("button", name="Next: the chat").click()
    await expect(page.get_by_label("Snippet")).to_contain_text('data-site="brindle"')

    nadia = await Customer.alone(await chromium.new_context(), server.url)
    await nadia.ask("My lamp came with a dent.")

    await page.get_by_role("link", name="To the inbox").click()
    ruth = Desk(page, server.url)
    await page.get_by_role("link", name="Waiting now").click()
    await ruth.row("Nadia").click()
    await ruth.answer("Could you send a photo?")
    await expect(nadia.line("Could you send a photo?")).to_be_visible()
    await expect(ruth.line("Ruth looks after this conversation now.")).to_be_visible()
    assert ruth.faults == nadia.faults == []


async def test_tom_hands_over_with_a_reason_that_nadia_reads(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    ines = await Desk.of("Ines", shop=shop, chromium=chromium)
    await tom.open(conversation)
    await ines.open(conversation)
    await tom.answer("One moment.")

    await tom.box.fill("Let me ask a colleague")
    await expect(ines.page.get_by_text("Tom is replying.")).to_be_visible()

    await tom.press("Hand over")
    await tom.sheet.get_by_label("To").select_option(shop.ref("Ines"))
    await tom.sheet.get_by_label("Reason").fill("Card refunds need Ines.")
    await expect(tom.sheet).to_contain_text("Nadia will read")
    await expect(tom.sheet).to_contain_text("Tom asked Ines to take over. Reason: Card refunds need Ines.")
    await tom.sheet.get_by_role("button", name="Hand over", exact=True).click()

    await expect(nadia.line("Card refunds need Ines.")).to_be_visible()
    await ines.press("Take over")
    await expect(tom.line("Tom passed this to Ines.")).to_be_visible()
    await expect(tom.box).to_have_value("Let me ask a colleague")
    assert tom.faults == ines.faults == []


async def test_everything_works_from_the_keyboard(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    await nadia.ask("My lamp came with a dent.", address="nadia@customer.example")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    keys = tom.page.keyboard
    await keys.press("g")
    await keys.press("w")
    await expect(tom.row("Nadia")).to_be_visible()
    await keys.press("j")
    await keys.press("Enter")
    await expect(tom.box).to_be_visible()
    await keys.press("a")
    await expect(tom.line("Tom looks after this conversation now.")).to_be_visible()
    await keys.press("r")
    await keys.type("I will refund EUR 40.")
    await keys.press("Control+Enter")
    await expect(tom.line("I will refund EUR 40.").get_by_text("Stored")).to_be_visible()
    await keys.press("Escape")

    await keys.press("p")
    await keys.type("Refund of EUR 40")
    await tom.sheet.get_by_role("button", name="Promise it").press("Enter")
    await expect(tom.page.get_by_role("button", name="Mark kept")).to_be_visible()
    await keys.press("n")
    await keys.type("Told the bank.")
    await keys.press("Control+Enter")
    await expect(tom.line("Note by Tom")).to_contain_text("Nadia can see it in the full record")
    await keys.press("Escape")

    await keys.press("e")
    await keys.type("EUR 40 refunded.")
    await tom.sheet.get_by_role("button", name="Close").press("Enter")
    await expect(nadia.line("EUR 40 refunded.").first).to_be_visible()
    await expect(nadia.line("Told the bank.")).to_have_count(0)
    await expect(tom.page.get_by_role("button", name="Reopen")).to_be_visible()
    await keys.press("e")
    await tom.sheet.get_by_role("button", name="Reopen").press("Enter")
    await expect(tom.line("Tom opened this conversation again.")).to_be_visible()

    await keys.press("?")
    await expect(tom.sheet).to_contain_text("Keyboard")
    await keys.press("Escape")
    await keys.press("Control+k")
    await keys.type("BR-1")
    await expect(tom.sheet.get_by_role("option").first).to_contain_text("Nadia")
    await keys.press("Escape")
    await expect(tom.sheet).to_be_hidden()
    assert tom.faults == []


async def test_what_came_in_meanwhile_is_shown_before_an_answer_goes_out(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(conversation)
    await expect(tom.line("My lamp came with a dent.").first).to_be_visible()
    await tom.page.context.set_offline(True)
    await expect(tom.page.get_by_text("Offline.")).to_be_visible()
    await tom.answer("Please send it back.")
    await expect(tom.line("Please send it back.")).to_contain_text("Waiting to be sent")

    await nadia.say("Never mind, I like the dent.")
    await expect(nadia.state_of("Never mind")).to_have_text(re.compile("Stored"))
    await tom.page.context.set_offline(False)
    await expect(tom.line("Never mind, I like the dent.")).to_be_visible(timeout=20_000)
    await expect(tom.line("Please send it back.").get_by_role("button", name="Send anyway")).to_be_visible()
    await expect(nadia.line("Please send it back.")).to_have_count(0)
    await tom.line("Please send it back.").get_by_role("button", name="Send anyway").click()
    await expect(nadia.line("Please send it back.")).to_be_visible()


async def test_a_draft_survives_a_reload_and_belongs_to_its_conversation(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    first = await nadia.ask("My lamp came with a dent.")
    second = await (await _nadia(chromium, shop)).ask("Which bulb fits?", name="Nadia Two")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(first)
    await tom.box.fill("Half an answ")
    await expect(tom.page.get_by_text("Draft kept")).to_be_visible()
    await tom.open(second)
    await expect(tom.box).to_have_value("")
    await tom.open(first)
    await expect(tom.box).to_have_value("Half an answ")


async def test_on_a_phone_each_pane_has_an_address_and_back_leads_home(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    looks = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    tom = await Desk.of("Tom", shop=shop, chromium=chromium, path="/inbox/open/", **looks)
    await tom.row("Nadia").tap()
    await expect(tom.page).to_have_url(f"{shop.server.url}/inbox/c/{conversation}/")
    await expect(tom.row("Nadia")).to_be_hidden()
    await tom.box.fill("Hello Nadia")
    await tom.page.get_by_role("button", name="Send").tap()
    await expect(nadia.line("Hello Nadia")).to_be_visible()
    await tom.page.get_by_role("link", name="Customer and record").tap()
    await expect(tom.page.get_by_role("complementary")).to_contain_text("unbroken")
    await tom.page.get_by_role("button", name="Back to the conversation").tap()
    await expect(tom.box).to_be_visible()
    await tom.page.go_back()
    await expect(tom.page).to_have_url(f"{shop.server.url}/inbox/open/")
    await expect(tom.row("Nadia")).to_be_visible()
    wide = await tom.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert (wide, tom.faults) == (0, [])


async def test_dark_is_dark_and_narrow_does_not_overflow(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    looks = {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}}
    tom = await Desk.of("Tom", shop=shop, chromium=chromium, **looks)
    await tom.open(conversation)
    lightness = "Number(getComputedStyle(document.querySelector('.thread')).backgroundColor.match(/oklch\\(([\\d.]+)/)?.[1] ?? 1)"
    assert await tom.page.evaluate(lightness) < 0.3
    assert await tom.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert tom.faults == []


async def test_a_file_goes_to_nadia_and_a_refused_answer_can_be_edited(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(conversation)
    label = {"name": "return-label.txt", "mimeType": "text/plain", "buffer": b"Parcel label"}
    await tom.page.get_by_label("Attach a file").set_input_files(label)  # type: ignore[arg-type]
    await tom.answer("Here is the label.")
    await expect(nadia.line("return-label.txt")).to_be_visible()
    async with tom.page.expect_download() as got:
        await tom.line("return-label.txt").get_by_role("link").click()
    assert (await (await got.value).path()).read_bytes() == b"Parcel label"

    await tom.answer("x" * 20_001)
    await expect(tom.line("Not sent").get_by_role("alert")).to_be_visible()
    await tom.line("Not sent").get_by_role("button", name="Edit").click()
    await expect(tom.box).to_have_value("x" * 20_001)
    await expect(tom.line("Not sent")).to_have_count(0)


async def test_a_promise_is_withdrawn_with_a_reason_that_nadia_reads(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("My lamp came with a dent.")
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    await tom.open(conversation)
    for words in ("A new shade", "Refund of EUR 40", "A call back"):
        await tom.press("Promise")
        await tom.sheet.get_by_label("What is promised").fill(words)
        await tom.sheet.get_by_role("button", name="Promise it").click()
        await expect(tom.line(words)).to_be_visible()
    await expect(tom.page.get_by_text("and 1 more promise")).to_be_visible()

    await tom.page.get_by_role("button", name="Withdraw").first.click()
    await expect(tom.sheet).to_contain_text("A new shade")
    await tom.sheet.get_by_label("Reason").fill("It is sold out.")
    await tom.sheet.get_by_role("button", name="Withdraw", exact=True).click()
    await expect(nadia.line("It is sold out.")).to_be_visible()

    await tom.press("More")
    await tom.sheet.get_by_role("button", name="Mark kept").click()
    await tom.sheet.get_by_label("Which promise").select_option(label=await tom.sheet.get_by_role("option").last.inner_text())
    await tom.sheet.get_by_role("button", name="Mark kept").click()
    await expect(tom.line("Promise kept")).to_be_visible()
    await expect(tom.page.get_by_role("button", name="Withdraw")).to_have_count(1)


async def test_a_long_subject_leaves_the_buttons_where_they_are(shop: Shop, chromium: Browser) -> None:
    nadia = await _nadia(chromium, shop)
    conversation = await nadia.ask("The brass on my Heron lamp has a dent. Order B-10482. " * 3)
    for width in (1440, 1200, 800, 390):
        tom = await Desk.of("Tom", shop=shop, chromium=chromium, viewport={"width": width, "height": 900})
        await tom.open(conversation)
        subject = tom.page.get_by_role("heading", level=1)
        await expect(subject).to_contain_text("The brass on my Heron lamp")
        assert await subject.evaluate("h1 => h1.scrollWidth > h1.clientWidth && h1.clientWidth > 60"), width
        for name in ("Hand over", "Snooze", "Close", "More") if width > 720 else ("More",):
            button = tom.page.get_by_role("main").get_by_role("button", name=name, exact=True)
            await expect(button).to_be_in_viewport(ratio=1)
        pane = "Math.round(document.querySelector('main').getBoundingClientRect().right)"
        end = "Math.round(document.querySelector('main [data-do=more]').getBoundingClientRect().right)"
        assert await tom.page.evaluate(f"{end} <= {pane}"), width


async def test_a_colleague_who_signs_out_elsewhere_is_asked_to_sign_in(shop: Shop, chromium: Browser) -> None:
    tom = await Desk.of("Tom", shop=shop, chromium=chromium)
    other = await tom.page.context.new_page()
    await other.goto(f"{shop.server.url}/inbox/")
    await other.get_by_role("button", name="Sign out").click()
    await expect(other).to_have_url(f"{shop.server.url}/sign-in/")
    await tom.page.reload()
    await expect(tom.page).to_have_url(f"{shop.server.url}/sign-in/?next=/inbox/")
