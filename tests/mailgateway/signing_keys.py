"""Keys made on the spot, mails signed with them, and their records; knows nothing of the code under test."""

from __future__ import annotations

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.mailgateway import mails

SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")


@cache
def private(bits: int) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())


@cache
def record(bits: int = 2048) -> str:
    """What is published of it."""
    key = serialization.load_pem_private_key(private(bits), None).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def signed(
    raw: bytes = b"",
    *,
    domain: str = "customer.example",
    selector: str = "s1",
    covers: tuple[bytes, ...] = SIGNED,
    bits: int = 2048,
    length: bool = False,
    canonicalize: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
) -> bytes:
    """A mail of Nadia's with a signature of `domain` on top."""
    raw = raw or mails.mail("Hello\r\n")
    present = [name for name in covers if b"\n" + name + b":" in b"\n" + raw.lower()]
    line = dkim.sign(
        raw, selector.encode(), domain.encode(), private(bits), include_headers=present, length=length, canonicalize=canonicalize
    )
    return bytes(line) + raw
