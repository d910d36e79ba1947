"""What stands in a mail of ours for whom: in their language, with what they may read, and the mails that it answers."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.conf import settings

from chat.events.lifecycle import AddressConfirmed
from chat.events.participants import ParticipantJoined
from chat.events.talk import MessageSaid
from chat.ledger import blobs, read
from chat.ledger.event import AttachmentRef
from mailgateway import courier
from tests.mailgateway.gateway import Gateway, kinds, reply, say
from tests.services import MailSink

pytestmark = pytest.mark.engine


async def test_somebody_in_copy_gets_the_answer_alone_at_an_address_of_their_own(chat: int, relay: MailSink) -> None:
    nadia = read.head(chat).state.customer.ref
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    joined = ParticipantJoined(by="Nadia", who="customer:57", shown_name="Paul", address="paul@customer.example")
    await say(chat, joined, key="j", actor="system")
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40.", also=("customer:57",), also_names=("Paul",)), key="a1")
    await courier.carry_due()
    mails = {caught.recipients[0]: caught.message for caught in relay.wait_for(2)}
    hers, his = mails["nadia@customer.example"], mails["paul@customer.example"]
    assert hers["Reply-To"] != his["Reply-To"]
    assert hers["Message-ID"] != his["Message-ID"]
    text = his.get_body(("plain",)).get_content()
    assert "We refund EUR 40." in text
    assert "My lamp has a dent." not in text and "Dented" not in his["Subject"]
    assert "/r/#" not in text and "/r/#" not in his.get_body(("html",)).get_content()
    assert "/r/#" in hers.get_body(("plain",)).get_content()
    assert kinds(chat).count("link.issued") == 1


async def test_a_file_that_is_too_large_is_named_and_stays_behind_the_link(chat: int, relay: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_FILES_MAX", 150_000)
    nadia = read.head(chat).state.customer.ref
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    small, large = b"s" * 1000, b"l" * 200_000
    files = tuple(
        AttachmentRef(name=name, media_type="text/plain", size=len(content), digest=blobs.store(content))
        for name, content in (("plan.txt", large), ("terms.txt", small))
    )
    await say(chat, MessageSaid(by="Tom", text="Two files.", attachments=files), key="a1")
    await courier.carry_due()
    mail = relay.wait_for(1)[0].message
    assert [part.get_filename() for part in mail.iter_attachments()] == ["terms.txt"]
    assert "not sent with this e-mail:\n  * plan.txt (0.2 MB)" in text_of(mail)


async def test_references_name_the_first_mail_and_the_latest(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    for number in range(22):
        await gateway.answer(conversation, f"Line {number}.")
        await courier.carry_due()
    mails = await gateway.mails_out()
    assert mails[-1]["References"] == mails[-1]["In-Reply-To"] == "<n1@customer.example>", "what we wrote in between is not what we answer"
    await gateway.bring(reply(mails[-1]))
    await gateway.answer(conversation, "You are welcome.")
    last = await gateway.last_mail()
    ours = [str(mail["Message-ID"]) for mail in mails]
    assert str(last["References"]).split() == ["<n1@customer.example>", *ours[-19:], "<reply-1@customer.example>"]
    assert last["In-Reply-To"] == "<reply-1@customer.example>", "the latest of theirs is what we answer"


async def test_a_customer_who_writes_german_is_answered_in_german(gateway: Gateway) -> None:
    await gateway.opened("Hallo, meine Lampe hat eine Delle. Können Sie mir bitte helfen?\n")
    text = (await gateway.last_mail()).get_body(("plain",)).get_content()
    assert "Ihre E-Mail ist angekommen" in text
    assert "Antworten Sie einfach auf diese E-Mail" in text


def text_of(mail: EmailMessage) -> str:
    text: str = mail.get_body(("plain",)).get_content()
    return text.replace("\r\n", "\n")
