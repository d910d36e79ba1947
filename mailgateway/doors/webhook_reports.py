"""What a provider posts about mail that we sent through it, written as the report that a mail server would have sent (RFC 3464, RFC 5965).

So bounces and complaints take one way, whoever tells of them. Openings and clicks are not asked for and not kept. Nothing here stores.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import format_datetime
from typing import Any

from anymail.exceptions import AnymailNotSupportedWarning
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from mailgateway import keys, message_id
from mailgateway.doors import webhook_providers, webhook_sns
from mailgateway.doors.webhook_providers import Posted, Unusable
from mailgateway.inbound import Post
from mailgateway.message_id import Sent

ACTIONS: Mapping[str, tuple[str, str]] = {
    EventType.BOUNCED: ("failed", "5.0.0"),
    EventType.REJECTED: ("failed", "5.7.0"),
    EventType.FAILED: ("failed", "5.3.0"),
    EventType.DEFERRED: ("delayed", "4.0.0"),
    EventType.DELIVERED: ("delivered", "2.0.0"),
}
"""RFC 3464 section 2.3.3 and 2.3.4: what happened, and its class as long as nobody says more."""
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_OURS = re.compile(r"tl\.[A-Za-z0-9]{8,80}@[A-Za-z0-9.-]{1,253}")
_BOUNDARY = "=_throughline_report"
_DEEPEST = 8

Events = Callable[[HttpRequest, Sequence[str]], Sequence[AnymailTrackingEvent]]


def _postmark(request: HttpRequest, secrets: Sequence[str]) -> Sequence[AnymailTrackingEvent]:
    view = PostmarkTrackingWebhookView(webhook_secret=webhook_providers.named(secrets))
    webhook_providers.check(view, request)
    return list(view.parse_events(request))


def _mailgun(request: HttpRequest, secrets: Sequence[str]) -> Sequence[AnymailTrackingEvent]:
    return list(webhook_providers.signed_by_one(MailgunTrackingWebhookView, request, secrets).parse_events(request))


def _sendgrid(request: HttpRequest, secrets: Sequence[str]) -> Sequence[AnymailTrackingEvent]:
    with warnings.catch_warnings():
        # As for the mails it posts: what we need of it is pinned by tests of ours.
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        view = SendGridTrackingWebhookView(webhook_secret=webhook_providers.named(secrets))
    webhook_providers.check(view, request)
    return list(view.parse_events(request))


class _Notices(webhook_sns.Notices):
    # anymail's own reading of what SES says; it asks nothing of its class.
    esp_to_anymail_events = AmazonSESTrackingWebhookView.esp_to_anymail_events


def _ses(request: HttpRequest, secrets: Sequence[str]) -> Sequence[AnymailTrackingEvent]:
    view = _Notices(webhook_providers.named(secrets))
    webhook_providers.check(view, request)
    notice = view.notice(request)
    return list(view.esp_to_anymail_events(notice, json.loads(request.body))) if notice is not None else []


PROVIDERS: Mapping[str, Events] = {"postmark": _postmark, "mailgun": _mailgun, "sendgrid": _sendgrid, "ses": _ses}


def read(provider: str, request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """The reports in a post, each a mail. Raises Denied or Unusable."""
    try:
        events = PROVIDERS[provider](request, secrets)
        return [_posted(event, provider) for event in events if _tells(event)]
    except webhook_providers.MALFORMED as problem:
        raise Unusable(f"This is not what {provider} posts: {problem}") from problem


def _tells(event: AnymailTrackingEvent) -> bool:
    return bool(event.recipient) and (event.event_type in ACTIONS or event.event_type == EventType.COMPLAINED)


def _posted(event: AnymailTrackingEvent, provider: str) -> Posted:
    raw = _complaint(event, provider) if event.event_type == EventType.COMPLAINED else _delivery(event, provider)
    return Posted(raw, Post(sender="", recipients=(f"{keys.BOUNCE_BASE}@{settings.MAIL_DOMAIN}",), door="webhook"))


def _delivery(event: AnymailTrackingEvent, provider: str) -> bytes:
    action, status = ACTIONS[event.event_type]
    said = _one_line(event.mta_response or event.description or "")
    told = _STATUS.search(said)
    if told and told[0][0] == status[0]:
        status = told[0]
    elif action == "failed" and event.reject_reason == RejectReason.TIMED_OUT:
        status = "4.4.7"
    fields = [
        f"Reporting-MTA: dns; {provider}",
        "",
        f"Final-Recipient: rfc822; {_one_line(event.recipient)}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said or event.event_type}",
    ]
    words = f"{provider} says of the mail to {_one_line(event.recipient)}: {event.event_type}. {said}"
    return _mail(event, provider, f"Mail delivery: {action}", "delivery-status", words, fields)


def _complaint(event: AnymailTrackingEvent, provider: str) -> bytes:
    fields = [
        "Feedback-Type: abuse",
        f"User-Agent: {provider}",
        "Version: 1",
        f"Original-Rcpt-To: {_one_line(event.recipient)}",
    ]
    words = f"{provider} says that {_one_line(event.recipient)} marked the mail as spam."
    return _mail(event, provider, "Complaint about a mail", "feedback-report", words, fields)


def _mail(event: AnymailTrackingEvent, provider: str, subject: str, report: str, words: str, fields: Sequence[str]) -> bytes:
    # The same post twice makes the same mail, which is one event.
    mark = hashlib.sha256(json.dumps([_told(event), event.recipient, event.event_type], sort_keys=True, default=str).encode()).hexdigest()
    original = _original(event)
    about = [f"To: {_one_line(event.recipient)}", *([f"Message-ID: <{original}>"] if original else [])]
    lines = [
        f"From: Mail Delivery System <MAILER-DAEMON@{settings.MAIL_DOMAIN}>",
        f"To: {keys.BOUNCE_BASE}@{settings.MAIL_DOMAIN}",
        f"Subject: {subject}",
        f"Date: {format_datetime(event.timestamp or timezone.now())}",
        f"Message-ID: <{mark[:40]}.{provider}@{settings.MAIL_DOMAIN}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={report}; boundary="{_BOUNDARY}"',
        *_part("text/plain; charset=utf-8", [words]),
        *_part(f"message/{report}", fields),
        *_part("text/rfc822-headers", about),
        f"--{_BOUNDARY}--",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def _part(media_type: str, lines: Sequence[str]) -> list[str]:
    return ["", f"--{_BOUNDARY}", f"Content-Type: {media_type}", "Content-Transfer-Encoding: 8bit", "", *lines, ""]


def _original(event: AnymailTrackingEvent) -> str:
    """The Message-ID of ours that the event names somewhere: each provider has another place for it."""
    ours = keys.identifier()
    for text in (event.message_id or "", *_texts(_told(event))):
        for found in _OURS.findall(text[:10_000]):
            if isinstance(message_id.read(found, ours), Sent):
                return str(found)
    return ""


def _told(event: AnymailTrackingEvent) -> object:
    told = event.esp_event
    return dict(told) if isinstance(told, Mapping) else str(told)


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each, depth + 1)


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())[:500]
