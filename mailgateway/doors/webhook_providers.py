"""Each provider that posts mail: how we know that it is the provider, where the raw mail stands in its post, and the envelope.

django-anymail checks secrets and signatures and rebuilds a mail from its parts where a provider sends no raw one. Nothing here stores.
"""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from typing import Any

from anymail.exceptions import AnymailError, AnymailNotSupportedWarning
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from mailgateway.doors import outside_envelope, webhook_form, webhook_sns
from mailgateway.inbound import Post

USER = "throughline"
"""Name that goes with the secret where a provider signs in with one."""


class Denied(Exception):
    """Whoever posted this cannot show that they are the provider."""


class Unusable(Exception):
    """The post holds no mail; the sentence says what to change at the provider."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One mail of a post."""

    raw: bytes
    post: Post


Read = Callable[[HttpRequest, Sequence[str]], Sequence[Posted]]
ReadPost = Callable[[str, HttpRequest, Sequence[str]], Sequence[Posted]]
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, RecursionError, AnymailError)
"""What reading a post raises that is none."""


def postmark(request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """Postmark's inbound webhook: JSON, with `RawEmail` where the server's box “Include raw email content” is ticked."""
    view = PostmarkInboundWebhookView(webhook_secret=named(secrets))
    check(view, request)
    post = _object(request.body)
    if "OriginalRecipient" not in post:
        raise Unusable("This is no mail: the address ends in reports/ for what becomes of mail of ours.")
    if not isinstance(post.get("RawEmail"), str):
        post["Headers"] = [_line(pair) for pair in post.get("Headers") or [] if isinstance(pair, dict)]
        raw = _rebuilt(view.esp_to_anymail_event(post).message)
    else:
        raw = _octets(post["RawEmail"])
    first: dict[str, Any] = next(iter(post.get("Headers") or ()), {})
    sender = str(first.get("Value", "")) if str(first.get("Name", "")).lower() == "return-path" else None
    return [_posted(raw, sender, [str(post["OriginalRecipient"])])]


def mailgun(request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """Mailgun's route `forward()`: a signed form, with `body-mime` where the address posted to ends in `mime`."""
    form = _form(request)
    view = signed_by_one(MailgunInboundWebhookView, request, secrets)
    if "body-mime" in form.fields:
        raw = form.fields["body-mime"]
    else:
        pairs = json.loads(form.text("message-headers") or "[]")
        form.fields["message-headers"] = json.dumps([[name, _one_line(value)] for name, value in pairs]).encode()
        webhook_form.give(request, form)
        raw = _rebuilt(view.parse_events(request)[0].message)
    return [_posted(raw, form.text("sender") if "sender" in form.fields else None, form.text("recipient").split(","))]


def sendgrid(request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """SendGrid's Inbound Parse: a form, with `email` where “POST the raw, full MIME message” is ticked."""
    with warnings.catch_warnings():
        # It goes on working; what we need of it is pinned by tests of ours.
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        view = SendGridInboundWebhookView(webhook_secret=named(secrets))
    check(view, request)
    form = _form(request)
    raw = form.fields["email"] if "email" in form.fields else _rebuilt(view.parse_events(request)[0].message)
    envelope = _object(form.fields.get("envelope", b"{}"))
    to = envelope.get("to") or []
    return [_posted(raw, _text(envelope.get("from")), [str(each) for each in to] if isinstance(to, list) else [])]


def ses(request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """Amazon SES: a receipt rule whose action is SNS, and the topic's HTTPS subscription to us."""
    view = webhook_sns.Notices(named(secrets))
    check(view, request)
    notice = view.notice(request)
    if notice is None:
        return []
    receipt, mail = notice.get("receipt") or {}, notice.get("mail") or {}
    content = notice.get("content")
    if not isinstance(content, str):
        raise Unusable("The notice holds no mail: let the receipt rule's action be “Publish to Amazon SNS topic”, with Base64 encoding.")
    raw = _octets(content)
    if (receipt.get("action") or {}).get("encoding") == "BASE64":
        raw = base64.b64decode(content)
    return [_posted(raw, _text(mail.get("source")), [str(each) for each in receipt.get("recipients") or []])]


PROVIDERS: Mapping[str, Read] = {"postmark": postmark, "mailgun": mailgun, "sendgrid": sendgrid, "ses": ses}


def read(provider: str, request: HttpRequest, secrets: Sequence[str]) -> Sequence[Posted]:
    """The mails in a post. Raises Denied or Unusable."""
    try:
        return PROVIDERS[provider](request, secrets)
    except MALFORMED as problem:
        raise Unusable(f"This is not what {provider} posts: {problem}") from problem


def named(secrets: Sequence[str]) -> list[str]:
    """Each secret as anymail wants it."""
    return [f"{USER}:{secret}" for secret in secrets]


def check(view: AnymailBaseWebhookView, request: HttpRequest) -> None:
    """Raises Denied."""
    try:
        view.run_validators(request)
    except SuspiciousOperation as problem:
        raise Denied(str(problem)) from problem


def signed_by_one(kind: type[AnymailBaseWebhookView], request: HttpRequest, keys: Sequence[str]) -> Any:
    """Mailgun's view with the key that the post is signed with: while keys change, two are good. Raises Denied."""
    for key in keys:
        view = kind(webhook_signing_key=key)
        try:
            view.run_validators(request)
        except SuspiciousOperation:
            continue
        return view
    raise Denied("The signature is by none of the keys.")


def _form(request: HttpRequest) -> webhook_form.Form:
    form = webhook_form.read(request.headers.get("Content-Type", ""), request.body)
    webhook_form.give(request, form)
    return form


def _object(text: bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise Unusable("This is no JSON object.")
    return found


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _line(pair: dict[str, Any]) -> dict[str, str]:
    return {"Name": str(pair.get("Name", "")), "Value": _one_line(pair.get("Value", ""))}


def _one_line(value: object) -> str:
    return " ".join(str(value).splitlines())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _posted(raw: bytes, sender: str | None, recipients: Sequence[str]) -> Posted:
    """`sender` is None where the provider does not say; empty is the null sender."""
    to = tuple(address.strip().strip("<>") for address in recipients if address.strip())
    by = outside_envelope.sender(raw) if sender is None else sender.strip().strip("<>")
    return Posted(raw, Post(sender=by, recipients=to or outside_envelope.recipients(raw), door="webhook"))


def _rebuilt(message: Message) -> bytes:
    """A mail of the parts that the provider took it apart into. Signatures over the whole do not hold for it."""
    for part in message.walk():
        if not part.is_multipart() and "Content-Transfer-Encoding" not in part:
            content = part.get_payload(decode=True)
            part["Content-Transfer-Encoding"] = "base64"
            part.set_payload(base64.encodebytes(content if isinstance(content, bytes) else b"").decode())
    # The same post makes the same mail; Python would put chance into the lines between the parts.
    whole = hashlib.sha256(b"".join(str(part.get_payload()).encode() for part in message.walk() if not part.is_multipart())).hexdigest()
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{whole[:32]}")
    return message.as_bytes(policy=policy.SMTP)
