"""kill -9 while the relay has a mail that nobody wrote down, and while an answer waits: nothing is lost, the record says it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import websockets

from tests.chat.live.line import Client
from tests.journeys.shop import Shop
from tests.services import MailSink, RunningServer
from tests.services.ports import wait_until

pytestmark = pytest.mark.journey

NADIA = "nadia@customer.example"


async def test_a_mail_in_mid_send_goes_again_under_its_message_id_and_an_answer_that_waits_goes_out(
    server_factory: Callable[..., RunningServer], mail_sink: MailSink
) -> None:
    mail_sink.mute = True
    server = server_factory(relay=f"127.0.0.1:{mail_sink.port}", undo=3).start()
    shop = Shop(server)
    async with shop.agent("Tom") as tom:
        conversation = await _opened(server)
        await tom.done("reply", conversation, text="I refund EUR 40.", by="email")
        await asyncio.to_thread(wait_until, lambda: len(mail_sink.mails) == 1)
        await tom.send("do", key="held-1", conversation=conversation, action="reply", form={"text": "One more.", "by": "email"}, hold=True)
        assert (await tom.next("ack", key="held-1"))["held"]
        # The relay has the mail, and has not said so.
        server.kill()
    mail_sink.go_on.set()
    await asyncio.to_thread(server.start)
    mails = await asyncio.to_thread(mail_sink.wait_for, 3, seconds=30)
    async with shop.agent("Tom") as tom:
        await tom.send("watch", conversation=conversation, after=0)
        for _ in range(2):
            await tom.next("event", kind="mail.sent", conversation=conversation, within=20)
        events = tom.events(conversation)
    said = [event["body"]["text"] for event in events if event["kind"] == "message.said"]
    assert sorted(said) == ["I refund EUR 40.", "My lamp has a dent.", "One more."]
    sent = [event["body"]["of"] for event in events if event["kind"] == "mail.sent"]
    assert len(sent) == len(set(sent)) == 2
    by_text = {mail.message["Message-ID"]: mail.message.get_body(("plain",)).get_content() for mail in mails}
    assert len(by_text) == 2, "the one that was sent twice is the same mail"


async def _opened(server: RunningServer) -> str:
    """Nadia asks in the chat and leaves her address."""
    address = f"ws://127.0.0.1:{server.port}/live/widget"
    async with websockets.connect(address, origin=websockets.Origin(server.url)) as connection:
        nadia = Client(connection)
        await nadia.hello()
        opened: str = (await nadia.done("open", text="My lamp has a dent.", name="Nadia", address=NADIA))["conversation"]
        return opened
