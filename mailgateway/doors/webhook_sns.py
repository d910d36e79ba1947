"""Notices of Amazon SNS, which brings what SES received: signed by Amazon, subscribed to once, each holding one JSON text.

The signature is checked as Amazon says under “Verifying the signatures of Amazon SNS messages”; django-anymail checks the rest.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from anymail.webhooks.amazon_ses import AmazonSESInboundWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

PATIENCE = 10
"""Seconds for one answer of Amazon; SNS itself waits 15 for ours."""
LARGEST = 64 * 1024
# A region and nothing else: sns.s3.amazonaws.com is a folder of somebody who called it "sns".
_AMAZON = re.compile(r"sns\.[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?", re.ASCII)
_NOTICE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIBE = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310  # `_from_amazon` let only https through
        return bytes(answer.read(LARGEST))


fetch: list[Callable[[str], bytes]] = [_fetch]
"""What asks Amazon; tests put their own in."""


class Notices(AmazonSESInboundWebhookView):  # type: ignore[misc]  # anymail has no types
    """One post of SNS. Refuses what Amazon did not sign."""

    def __init__(self, basic_auth: Sequence[str]) -> None:
        # Not the parent's, which wants boto3 for what we do ourselves.
        AnymailBaseWebhookView.__init__(self, webhook_secret=list(basic_auth))

    def validate_request(self, request: HttpRequest) -> None:
        # First the secret, which anymail would ask for last: nobody else may make us fetch anything.
        AnymailBaseWebhookView.validate_request(self, request)
        notice = self._parse_sns_message(request)
        try:
            certificate = load_pem_x509_certificate(_certificate(_from_amazon(notice["SigningCertURL"])))
            key = certificate.public_key()
            if not isinstance(key, rsa.RSAPublicKey):
                raise SuspiciousOperation("The notice is signed by a key of an unknown kind.")
            digest = _HASHES[str(notice["SignatureVersion"])]()
            key.verify(base64.b64decode(notice["Signature"]), signed_text(notice), padding.PKCS1v15(), digest)
        except (InvalidSignature, KeyError, TypeError, ValueError) as problem:
            raise SuspiciousOperation("Amazon did not sign this notice.") from problem

    def notice(self, request: HttpRequest) -> dict[str, Any] | None:
        """What SES says; None for a post about the subscription itself, which is agreed to.

        Raises ValueError, or OSError if Amazon is away.
        """
        post = self._parse_sns_message(request)
        if post["Type"] == "SubscriptionConfirmation":
            fetch[0](_from_amazon(post["SubscribeURL"]))
            return None
        if post["Type"] != "Notification" or str(post["Message"]).startswith("Successfully validated SNS topic"):
            return None
        found = json.loads(post["Message"])
        if not isinstance(found, dict):
            raise ValueError("the notice is no JSON object")
        return found


def signed_text(notice: dict[str, Any]) -> bytes:
    """What Amazon signs: names and values of these fields, a line each."""
    names = _NOTICE if notice["Type"] == "Notification" else _SUBSCRIBE
    return "".join(f"{name}\n{notice[name]}\n" for name in names if name in notice).encode()


@lru_cache(maxsize=16)
def _certificate(url: str) -> bytes:
    return fetch[0](url)


def _from_amazon(url: str) -> str:
    """The address again if it is Amazon's. Anybody else's would make us vouch for their notices, or ask whatever stands behind our wall."""
    parts = urlsplit(str(url))
    if parts.scheme != "https" or not _AMAZON.fullmatch(parts.netloc):
        raise ValueError("the address is not one of Amazon SNS")
    return str(url)
