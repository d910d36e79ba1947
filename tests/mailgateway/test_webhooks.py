"""Providers post mail in the shapes that they document; each post is answered with 200 only after its mail is durable."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import AsyncRequestFactory

from chat.ledger import blobs, read, received
from chat.ledger.received import WAITING
from mailgateway import webhooks
from mailgateway.doors import webhook_sns
from tests.mailgateway import posts
from tests.mailgateway.gateway import Gateway, reply, rows, said, tag_of
from tests.mailgateway.mails import mail
from tests.mailgateway.posts import (
    CERTIFICATE,
    SECRET,
    amazons,
    basic,
    by_mailgun,
    by_postmark,
    by_ses,
    form,
    post,
    received_notice,
    send,
)


@pytest.fixture(autouse=True)
def hooks(monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_HOOKS", dict.fromkeys(("postmark", "mailgun", "sendgrid", "ses"), (SECRET,)))
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])


@pytest.fixture
def amazon() -> Iterator[list[str]]:
    """Answers for Amazon; gives the addresses that were asked for."""
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return amazons()[1]

    before, webhook_sns.fetch[0] = webhook_sns.fetch[0], fetch
    webhook_sns._certificate.cache_clear()
    yield asked
    webhook_sns.fetch[0] = before
    webhook_sns._certificate.cache_clear()


async def test_postmark_posts_the_raw_mail(gateway: Gateway) -> None:
    assert (await by_postmark(mail("Where is my parcel?\n"))).status_code == 200
    await _opened(gateway, "Where is my parcel?")


async def test_what_postmark_took_apart_is_put_together_again(gateway: Gateway) -> None:
    response = await post(
        "postmark",
        {
            "From": "nadia@customer.example",
            "FromFull": {"Email": "nadia@customer.example", "Name": "Nadia Rahimi", "MailboxHash": ""},
            "ToFull": [{"Email": "support@support.example", "Name": "", "MailboxHash": ""}],
            "To": "support@support.example",
            "OriginalRecipient": "support@support.example",
            "Subject": "Öffnungszeiten",
            "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
            "Date": "Fri, 20 Nov 2026 10:12:00 +0100",
            "TextBody": "Wann öffnet ihr? 🙂",
            "Headers": [{"Name": "Message-ID", "Value": "<a@customer.example>"}, {"Name": "X-Long", "Value": "one\r\n two"}],
            "Attachments": [{"Name": "lamp.bin", "Content": base64.b64encode(b"\x00\xff").decode(), "ContentType": "application/x-lamp"}],
        },
    )
    assert response.status_code == 200, response.content
    message = await _opened(gateway, "Wann öffnet ihr? 🙂")
    assert message.subject == "Öffnungszeiten"
    assert _content(message) == b"\x00\xff"


async def test_an_answer_that_a_provider_brings_finds_its_conversation_by_the_envelope(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    ours = await gateway.last_mail()
    raw = reply(ours, To="somebody@else.example", **{"In-Reply-To": "<gone@x.example>", "References": ""})
    assert (await by_postmark(raw, to=tag_of(ours))).status_code == 200
    await gateway.take_in()
    assert [each.text for each in said(conversation)] == ["Where is my parcel?", "Thank you!"]


async def test_mailgun_signs_a_form_with_the_raw_mail(gateway: Gateway) -> None:
    raw = mail("Is it here?\n").replace(b"Nadia", "Nadiä".encode("latin-1"))
    assert (await by_mailgun({"body-mime": raw})).status_code == 200
    (arrival,) = rows(WAITING)
    assert received.content(arrival) == raw, "octet for octet, whatever its characters"
    assert arrival.envelope["recipients"] == ["support@support.example"] and arrival.envelope["door"] == "webhook"


async def test_what_mailgun_took_apart_is_put_together_again(gateway: Gateway) -> None:
    headers = [["From", "Nadia <nadia@customer.example>"], ["Subject", "Parcel"], ["Message-Id", "<b@customer.example>"]]
    fields = {"message-headers": json.dumps(headers).encode(), "body-plain": b"Is it here?", "attachment-count": b"1"}
    assert (await by_mailgun(fields, files={"attachment-1": ("lamp.bin", b"\x00\r\n--x\xff")})).status_code == 200
    message = await _opened(gateway, "Is it here?")
    assert _content(message) == b"\x00\r\n--x\xff"


async def test_sendgrid_posts_a_form_with_mail_and_envelope(gateway: Gateway) -> None:
    envelope = json.dumps({"to": ["support@support.example"], "from": "nadia@customer.example"}).encode()
    body, media_type = form({"email": mail("Is it here?\n"), "envelope": envelope, "spam_score": b"0.1"})
    assert (await send("sendgrid", body, media_type, headers=basic())).status_code == 200
    await _opened(gateway, "Is it here?")


async def test_amazon_brings_a_mail_in_a_signed_notice(gateway: Gateway, amazon: list[str]) -> None:
    assert (await by_ses(received_notice(mail("Is it here?\n")))).status_code == 200
    await _opened(gateway, "Is it here?")


async def test_amazon_is_told_that_we_subscribe(gateway: Gateway, amazon: list[str]) -> None:
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37"
    extra = {"Token": "2336412f37", "SubscribeURL": url}
    assert (await by_ses("You have chosen to subscribe", kind="SubscriptionConfirmation", **extra)).status_code == 200
    assert amazon == [CERTIFICATE, url]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://sns.evil.example/a.pem",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "file:///etc/passwd",
        "https://sns.s3.amazonaws.com/a.pem",
    ],
)
async def test_a_certificate_from_elsewhere_proves_nothing(gateway: Gateway, amazon: list[str], elsewhere: str) -> None:
    assert (await by_ses(received_notice(mail("Hello\n")), certificate=elsewhere)).status_code == 401
    assert not amazon and not rows(WAITING)


async def test_whoever_has_no_secret_makes_us_fetch_nothing(gateway: Gateway, amazon: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "basic", dict)
    assert (await by_ses(received_notice(mail("Hello\n")))).status_code == 401
    assert not amazon and not rows(WAITING)


async def test_a_changed_notice_is_not_amazons(gateway: Gateway, amazon: list[str]) -> None:
    assert (await by_ses(received_notice(mail("Hello\n")), changed=True)).status_code == 401
    assert not rows(WAITING)


async def test_whoever_has_no_secret_is_refused(gateway: Gateway) -> None:
    wrong = {"AUTHORIZATION": "Basic " + base64.b64encode(b"throughline:guess").decode()}
    for headers in ({}, wrong):
        assert (await send("postmark", b"{}", "application/json", headers=headers)).status_code == 401
    assert (await by_mailgun({"body-mime": mail("Hello\n")}, key="another")).status_code == 401
    assert not rows(WAITING)


async def test_what_was_refused_stays_in_nobodys_memory(gateway: Gateway) -> None:
    request = AsyncRequestFactory().post("/mail/hooks/postmark/", bytes(1_000_000), content_type="application/json")
    assert (await webhooks.mails(request, "postmark")).status_code == 401
    assert not request.body


async def test_a_provider_that_is_not_set_up_finds_no_door(gateway: Gateway, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_HOOKS", {})
    assert (await by_postmark(mail("Hello\n"))).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"OriginalRecipient": 1, "RawEmail": 1, "Headers": [1]}',
        b'{"OriginalRecipient": "a@b.example", "Headers": 7}',
    ],
)
async def test_what_is_no_mail_is_refused_and_not_kept(gateway: Gateway, body: bytes) -> None:
    assert (await send("postmark", body, "application/json", headers=basic())).status_code == 400
    assert not rows(WAITING)


async def test_without_a_store_the_provider_is_asked_to_come_back(gateway: Gateway, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(settings, "BLOBS", tmp_path / "file" / "blobs")
    (tmp_path / "file").write_text("no folder")
    response = await by_postmark(mail("x" * 200_000 + "\n"))
    assert response.status_code == 503 and response["Retry-After"]


async def test_the_same_post_twice_is_one_event(gateway: Gateway) -> None:
    raw = mail("Where is my parcel?\n")
    await by_postmark(raw)
    await by_postmark(raw)
    await _opened(gateway, "Where is my parcel?")


async def _opened(gateway: Gateway, text: str) -> Any:
    """The one message of the one conversation that there is now."""
    await gateway.take_in()
    (conversation,) = read.all_conversations()
    (message,) = said(conversation)
    assert message.text == text
    return message


def _content(message: Any) -> bytes:
    """The octets of its one attachment."""
    (file,) = message.attachments
    with blobs.open_blob(file.digest) as opened:
        return bytes(opened.read())
