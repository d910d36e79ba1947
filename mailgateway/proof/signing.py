"""Signs what leaves (DKIM, RFC 6376), with the keys in one folder. Knows nothing of what a mail says or where it goes."""

from __future__ import annotations

import base64
import os
import re
from functools import lru_cache
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # it ships no types
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from mailgateway.proof import domains
from mailgateway.proof.canonical import MAX_HEAD, Whole
from mailgateway.reading import headers

log = structlog.get_logger()

BITS = 2048
"""RFC 8301 section 3.2 wants no less; more does not fit one string of DNS and is refused by some."""
SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
SIGNED = (
    *(b"from", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"auto-submitted"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding"),
)
ONCE_MORE = (b"from", b"reply-to", b"to", b"subject", b"date", b"message-id", b"content-type")
"""Signed once more than they are there, so that nobody can put a second one before ours (RFC 6376 section 8.15)."""


class KeyTrouble(Exception):
    """A key that cannot be made, or cannot be used; the sentence says why."""


def signed(raw: bytes) -> bytes:
    """The mail with one signature on top for each selector in THROUGHLINE_DKIM; as it is where none is set, or it is not of our domain.

    A key that is not there costs the signature and not the mail: `throughline doctor` tells.
    """
    if not settings.DKIM or not _ours(raw):
        return raw
    lines = []
    for selector in settings.DKIM:
        try:
            lines.append(_line(raw, selector, _private(selector)))
        except (KeyTrouble, dkim.DKIMException) as problem:
            log.error("mail_not_signed", selector=selector, problem=str(problem))
    return b"".join(lines) + raw


def make(selector: str) -> Path:
    """A new key, readable by this user alone. Raises KeyTrouble if there is one of this name already."""
    if not SELECTOR.fullmatch(selector):
        raise KeyTrouble("A selector is written with a-z, 0-9 and dashes, as s1 or 2026a.")
    path = place(selector)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyTrouble(f"There is a key {selector} already: {path}.") from None
    return path


def place(selector: str) -> Path:
    """The file that a key stands in, or would."""
    return Path(settings.DKIM_KEYS) / f"{selector}.pem"


def record(selector: str) -> tuple[str, str]:
    """Name and value of the TXT record to publish. Raises KeyTrouble."""
    key = serialization.load_pem_private_key(_private(selector), None).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{selector}._domainkey.{settings.MAIL_DOMAIN}", f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def _ours(raw: bytes) -> bool:
    head = raw[:MAX_HEAD].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    boxes = headers.addresses(headers.first(headers.fields(head), "from"))
    return len(boxes) == 1 and domains.of_address(boxes[0].address) == domains.plain(settings.MAIL_DOMAIN) != ""


def _line(raw: bytes, selector: str, pem: bytes) -> bytes:
    message, mail = dkim.DKIM(), Whole(raw)
    message.headers, message.body = mail.head(relaxed=True), mail.body(relaxed=True)
    present = [name.lower() for name, _ in message.headers]
    covers = [name for name in SIGNED for _ in range(present.count(name))] + list(ONCE_MORE)
    line = message.sign(
        selector.encode(), settings.MAIL_DOMAIN.encode(), pem, canonicalize=(b"relaxed", b"relaxed"), include_headers=covers
    )
    return bytes(line)


def _private(selector: str) -> bytes:
    if not SELECTOR.fullmatch(selector):
        raise KeyTrouble(f"{selector!r} is no selector: they are written with a-z, 0-9 and dashes.")
    path = place(selector)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as problem:
        raise KeyTrouble(f"The key {path} cannot be read: {problem.strerror}.") from problem


@lru_cache(16)
def _read(path: Path, changed: int) -> bytes:
    pem = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as problem:
        raise KeyTrouble(f"{path} holds no private key without a password.") from problem
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyTrouble(f"{path} holds no RSA key.")
    # dkimpy reads this form of PEM alone.
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
