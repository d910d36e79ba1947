"""What providers post, in the shapes that they document, with the secrets and signatures that they show."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.test import AsyncClient

from mailgateway.doors import webhook_sns

SECRET = "a-secret-of-the-hook"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail-in"


async def send(provider: str, body: bytes, media_type: str, *, path: str = "", headers: dict[str, str] | None = None) -> Any:
    url = f"/mail/hooks/{provider}/{path}"
    return await AsyncClient().post(url, data=body, content_type=media_type, headers=headers)


async def post(provider: str, post: dict[str, Any]) -> Any:
    return await send(provider, json.dumps(post).encode(), "application/json", headers=basic())


async def by_postmark(raw: bytes, *, to: str = "support@support.example") -> Any:
    headers = [{"Name": "Return-Path", "Value": "<nadia@customer.example>"}]
    return await post("postmark", {"FromFull": {}, "OriginalRecipient": to, "Headers": headers, "RawEmail": raw.decode()})


async def by_mailgun(fields: dict[str, bytes], *, files: dict[str, tuple[str, bytes]] | None = None, key: str = SECRET) -> Any:
    stamp, token = "1795170001", "d" * 50
    signed = {"timestamp": stamp, "token": token, "signature": signature(key, stamp, token)}
    envelope = {"sender": "nadia@customer.example", "recipient": "support@support.example"}
    body, media_type = form(fields | {name: value.encode() for name, value in (signed | envelope).items()}, files or {})
    return await send("mailgun", body, media_type)


def signature(key: str, stamp: str, token: str) -> str:
    return hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()


def form(fields: dict[str, bytes], files: dict[str, tuple[str, bytes]] | None = None) -> tuple[bytes, str]:
    parts = [
        b'--frontier\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value) for name, value in fields.items()
    ]
    for name, (file_name, content) in (files or {}).items():
        head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/x-lamp\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--frontier--\r\n", "multipart/form-data; boundary=frontier"


def basic() -> dict[str, str]:
    return {"AUTHORIZATION": "Basic " + base64.b64encode(f"throughline:{SECRET}".encode()).decode()}


def received_notice(raw: bytes) -> str:
    return json.dumps(
        {
            "notificationType": "Received",
            "mail": {"source": "nadia@customer.example", "messageId": "o3vrnil0e2ic28tr"},
            "receipt": {"recipients": ["support@support.example"], "action": {"type": "SNS", "encoding": "BASE64"}},
            "content": base64.b64encode(raw).decode(),
        }
    )


async def by_ses(
    text: str, *, kind: str = "Notification", certificate: str = CERTIFICATE, changed: bool = False, path: str = "", **extra: str
) -> Any:
    notice = {"Type": kind, "MessageId": "22b80b92", "TopicArn": TOPIC, "Message": text, "Timestamp": "2026-11-20T10:00:00.000Z", **extra}
    key = serialization.load_pem_private_key(amazons()[0], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(webhook_sns.signed_text(notice), padding.PKCS1v15(), hashes.SHA256())
    notice |= {"SignatureVersion": "2", "Signature": base64.b64encode(signature).decode(), "SigningCertURL": certificate}
    if changed:
        notice["Message"] = notice["Message"].replace("support@", "sales@")
    headers = basic() | {"X-AMZ-SNS-MESSAGE-TYPE": kind, "X-AMZ-SNS-MESSAGE-ID": "22b80b92"}
    return await send("ses", json.dumps(notice).encode(), "text/plain; charset=UTF-8", path=path, headers=headers)


@cache
def amazons() -> tuple[bytes, bytes]:
    """A key and its certificate."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return private, certificate.public_bytes(serialization.Encoding.PEM)
