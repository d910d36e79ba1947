"""What providers tell of mail that went out through them stands on the message itself, as if a mail server had reported it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from chat.events.delivery import MailAccepted, MailBounced, MailComplained, MailDelayed
from chat.ledger.received import WAITING
from tests.mailgateway.gateway import Gateway, entries, rows
from tests.mailgateway.posts import SECRET, amazons, basic, by_ses, send, signature
from tests.mailgateway.test_webhooks import amazon, hooks

__all__ = ["amazon", "amazons", "hooks"]
NADIA = "nadia@customer.example"


def postmark(kind: str, identifier: str) -> dict[str, Any]:
    """Postmark names its own id, and ours only in what came back."""
    about = {"ID": 4323372036854775807, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "ServerID": 23, "MessageStream": "outbound"}
    told = {"Details": "smtp;550 5.1.1 The email account does not exist", "Content": f"Return-Path: <>\r\nMessage-ID: <{identifier}>\r\n"}
    shapes = {
        "bounced": {"RecordType": "Bounce", "Type": "HardBounce", "Email": NADIA, "BouncedAt": "2026-11-20T10:12:00Z"},
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": NADIA, "BouncedAt": "2026-11-20T10:12:00Z"},
        "delivered": {"RecordType": "Delivery", "Recipient": NADIA, "DeliveredAt": "2026-11-20T10:12:00Z", "Metadata": {"own": identifier}},
        "delayed": {"RecordType": "Bounce", "Type": "Transient", "Email": NADIA, "BouncedAt": "2026-11-20T10:12:00Z"},
        "opened": {"RecordType": "Open", "Recipient": NADIA, "ReceivedAt": "2026-11-20T10:12:00Z"},
    }
    return about | (told if kind != "delivered" else {}) | shapes[kind]


def mailgun(kind: str, identifier: str) -> dict[str, Any]:
    names = {"bounced": "failed", "complained": "complained", "delivered": "delivered", "delayed": "failed", "opened": "opened"}
    event = {
        "event": names[kind],
        "severity": "temporary" if kind == "delayed" else "permanent",
        "reason": "bounce",
        "id": f"G9Bn5sl1TC6nu79C8C0bwg-{kind}",
        "timestamp": 1795170000.5,
        "recipient": NADIA,
        "message": {"headers": {"message-id": identifier, "to": NADIA}},
        "delivery-status": {"code": 550, "message": "550 5.1.1 No such user", "description": ""},
    }
    stamp, token = "1795170001", "c" * 50
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature(SECRET, stamp, token)}, "event-data": event}


def sendgrid(kind: str, identifier: str) -> list[dict[str, Any]]:
    names = {"bounced": "bounce", "complained": "spamreport", "delivered": "delivered", "delayed": "deferred", "opened": "open"}
    about = {"email": NADIA, "timestamp": 1795170000, "smtp-id": f"<{identifier}>", "sg_event_id": kind, "sg_message_id": "14c5d75ce93"}
    return [about | {"event": names[kind], "reason": "550 5.1.1 unknown", "response": "250 OK", "type": "bounce", "status": "5.1.1"}]


def ses(kind: str, identifier: str) -> dict[str, Any]:
    mail = {"messageId": "EXAMPLE7c191be45", "destination": [NADIA], "commonHeaders": {"messageId": f"<{identifier}>", "to": [NADIA]}}
    names = {"bounced": "Bounce", "complained": "Complaint", "delivered": "Delivery", "delayed": "DeliveryDelay", "opened": "Open"}
    shapes: dict[str, Any] = {
        "bounced": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": NADIA, "diagnosticCode": "smtp; 550 5.1.1 unknown"}],
        },
        "complained": {"complainedRecipients": [{"emailAddress": NADIA}], "complaintFeedbackType": "abuse"},
        "delivered": {"recipients": [NADIA], "smtpResponse": "250 2.6.0 accepted"},
        "delayed": {},
        "opened": {"userAgent": "x"},
    }
    return {"eventType": names[kind], "mail": mail, names[kind].lower(): shapes[kind]}


SHAPES = {"postmark": postmark, "mailgun": mailgun, "sendgrid": sendgrid, "ses": ses}
KINDS = {"delivered": MailAccepted, "delayed": MailDelayed, "bounced": MailBounced, "complained": MailComplained}


@pytest.mark.parametrize("provider", sorted(SHAPES))
async def test_what_became_of_a_mail_stands_on_its_message(gateway: Gateway, amazon: list[str], provider: str) -> None:
    conversation = await gateway.opened()
    # SES has no kind of event for a delay that anymail knows.
    for kind in [kind for kind in KINDS if (provider, kind) != ("ses", "delayed")]:
        await gateway.answer(conversation, f"An answer that is {kind}.")
        identifier = str((await gateway.last_mail())["Message-ID"]).strip("<>")
        for _ in range(2):
            assert (await _post(provider, SHAPES[provider](kind, identifier))).status_code == 200
        await gateway.take_in()
        told = [entry.body for entry in entries(conversation) if isinstance(entry.body, KINDS[kind])]
        assert len(told) == 1, f"{provider}, {kind}: once, however often it is posted"
    assert not rows(WAITING)


@pytest.mark.parametrize("provider", sorted(SHAPES))
async def test_who_opened_what_is_not_kept(gateway: Gateway, amazon: list[str], provider: str) -> None:
    assert (await _post(provider, SHAPES[provider]("opened", "tl.x@support.example"))).status_code == 200
    assert not rows(WAITING)


async def test_without_the_secret_nobody_reports(gateway: Gateway) -> None:
    body = json.dumps(postmark("bounced", "x")).encode()
    assert (await send("postmark", body, "application/json", path="reports/")).status_code == 401
    assert settings.MAIL_HOOKS and not rows(WAITING)


async def _post(provider: str, told: Any) -> Any:
    if provider == "ses":
        return await by_ses(json.dumps(told), path="reports/")
    return await send(provider, json.dumps(told).encode(), "application/json", path="reports/", headers=basic())
