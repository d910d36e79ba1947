"""Mail through a real MTA, in and out: written with swaks and s-nail, delivered to a maildir, answered from there, mangled on the way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.chat.live.line import Client
from tests.journeys.mail_program import answer_with_s_nail, send_with_swaks, text_of
from tests.journeys.shop import Shop
from tests.services import Postfix, RunningServer

pytestmark = pytest.mark.journey

NADIA = "nadia@customer.example"
US = "support@support.example"


@pytest.fixture
def shop(server_factory: Callable[..., RunningServer], postfix: Postfix, gateway_port: int) -> Shop:
    return Shop(server_factory(smtp_port=gateway_port, relay=f"127.0.0.1:{postfix.port}").start())


async def test_a_mail_is_acknowledged_answered_and_continued_from_an_ordinary_mail_program(
    shop: Shop, postfix: Postfix, tmp_path: Path
) -> None:
    async with shop.agent("Tom") as tom:
        conversation, receipt = await _opened(tom, postfix)
        assert receipt["Auto-Submitted"] == "auto-replied"
        assert receipt["Subject"] == "Re: Dented shade [BR-1]"
        answer = await _answered(tom, postfix, conversation, "I will refund EUR 40.", count=2)
        assert answer["X-Original-To"] == NADIA
        accepted = await tom.next("event", kind="mail.accepted", conversation=conversation, within=30)
        assert accepted["body"]["of"] > 0, "their server says that it has the mail"
        await asyncio.to_thread(answer_with_s_nail, answer, "That works for me.", sender=NADIA, port=postfix.port, folder=tmp_path)
        body = await _reply_heard(tom, conversation, "That works for me.")
        assert (body["found_by"], body["doubt"]) == ("reply-address", "")
        assert "I will refund EUR 40." in body["quoted"]
    assert len(postfix.mails("nadia")) == 2, "an answer is not acknowledged again"


async def test_a_reply_whose_tag_was_mangled_finds_its_thread_by_its_references_and_is_shown_as_such(shop: Shop, postfix: Postfix) -> None:
    async with shop.agent("Tom") as tom:
        conversation, _ = await _opened(tom, postfix)
        answer = await _answered(tom, postfix, conversation, "I will refund EUR 40.", count=2)
        address = re.search(r"[\w.+-]+@[\w.-]+", str(answer["Reply-To"]))[0]  # type: ignore[index]  # it has one
        local = address.partition("@")[0]
        swapped = "b" if local[20] != "b" else "c"
        mangled = {
            "stripped": (US, "references", "unconfirmed"),
            "upper case": (address.upper(), "reply-address", ""),
            "lower case": (address.lower(), "reply-address", ""),
            "one character altered": (address[:20] + swapped + address[21:], "references", "altered"),
            "one character lost": (address[:20] + address[21:], "references", "altered"),
        }
        for number, (how, (to, found_by, doubt)) in enumerate(mangled.items()):
            headers = {
                "Message-ID": f"<reply-{number}@customer.example>",
                "In-Reply-To": str(answer["Message-ID"]),
                "References": str(answer["Message-ID"]),
            }
            text = f"My tag is {how}."
            mail = {"sender": NADIA, "to": to, "subject": f"Re: {answer['Subject']}", "text": text, "headers": headers}
            await asyncio.to_thread(send_with_swaks, port=postfix.port, **mail)
            body = await _reply_heard(tom, conversation, text)
            assert (body["found_by"], body["doubt"]) == (found_by, doubt), how


async def test_an_address_that_does_not_exist_is_called_bounced_with_their_own_words(shop: Shop, postfix: Postfix) -> None:
    async with shop.agent("Tom") as tom:
        await tom.send("queue", name="open")
        await asyncio.to_thread(
            send_with_swaks, port=postfix.port, sender="ghost@customer.example", to=US, subject="Boo", text="I have no mailbox."
        )
        conversation = await _new(tom)
        bounced = await tom.next("event", kind="mail.bounced", conversation=conversation, within=30)
        assert "User unknown" in bounced["body"]["said"]


async def test_mail_waits_for_a_gateway_that_is_down_and_comes_in_once_it_is_back(shop: Shop, postfix: Postfix) -> None:
    shop.server.stop()
    await asyncio.to_thread(send_with_swaks, port=postfix.port, sender=NADIA, to=US, subject="Late", text="Are you there?")
    await asyncio.to_thread(shop.server.start)
    (receipt,) = await asyncio.to_thread(postfix.wait_for_mail, "nadia")
    assert receipt["Subject"] == "Re: Late [BR-1]"


async def _opened(tom: Client, postfix: Postfix) -> tuple[str, EmailMessage]:
    """A conversation that swaks opened, and the acknowledgement that came back."""
    await tom.send("queue", name="open")
    text = "My Heron lamp came with a dent in the shade."
    await asyncio.to_thread(send_with_swaks, port=postfix.port, sender=NADIA, to=US, subject="Dented shade", text=text)
    conversation = await _new(tom)
    (receipt,) = await asyncio.to_thread(postfix.wait_for_mail, "nadia")
    assert "BR-1" in text_of(receipt)
    return conversation, receipt


async def _new(tom: Client) -> str:
    """The conversation that appears in the queue, watched from its beginning."""
    row = await tom.next("row", within=30)
    conversation: str = row["row"]["conversation"]
    await tom.send("watch", conversation=conversation, after=0)
    await tom.next("live", conversation=conversation)
    return conversation


async def _answered(tom: Client, postfix: Postfix, conversation: str, text: str, *, count: int) -> EmailMessage:
    await tom.done("reply", conversation, text=text, by="email")
    mails = await asyncio.to_thread(postfix.wait_for_mail, "nadia", count=count)
    return next(mail for mail in mails if text in text_of(mail))


async def _reply_heard(tom: Client, conversation: str, text: str) -> dict[str, str]:
    while True:
        said = await tom.next("event", kind="message.said", side="customer", channel="email", within=30, conversation=conversation)
        if said["body"]["text"].strip() == text:
            body: dict[str, str] = said["body"]
            return body
