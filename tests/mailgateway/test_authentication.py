"""DKIM with keys made on the spot and a DNS that is a dictionary."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailgateway.authentication import aligned, check
from tests.mailgateway import mails

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = _KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
PUBLIC = base64.b64encode(_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
NADIA = "nadia@customer.example"


def lookup(name: bytes, timeout: int = 5) -> bytes | None:
    return b"v=DKIM1; k=rsa; p=" + PUBLIC if name.startswith(b"s1._domainkey.") else None


def signed(domain: bytes = b"customer.example", *, length: bool = False, selector: bytes = b"s1") -> bytes:
    raw = mails.mail("Hello\r\n")
    return bytes(dkim.sign(raw, selector, domain, PRIVATE, include_headers=[b"from", b"to", b"subject"], length=length)) + raw


def test_a_signature_of_the_senders_domain_is_aligned() -> None:
    found = check(signed(), from_address=NADIA, dnsfunc=lookup)
    assert (found.dkim, found.dkim_aligned, found.dkim_domain) == ("pass", True, "customer.example")


def test_a_signature_of_somebody_else_passes_but_is_not_aligned() -> None:
    found = check(signed(b"elsewhere.example"), from_address=NADIA, dnsfunc=lookup)
    assert (found.dkim, found.dkim_aligned) == ("pass", False)


def test_a_changed_body_or_subject_fails() -> None:
    for changed in (signed().replace(b"Hello", b"Hallo"), signed().replace(b"Lamp", b"Lump")):
        found = check(changed, from_address=NADIA, dnsfunc=lookup)
        assert (found.dkim, found.dkim_aligned) == ("fail", False)


def test_a_second_from_line_takes_the_trust_away() -> None:
    raw = b"From: Ruth <ruth@customer.example>\r\n" + signed()
    assert not check(raw, from_address=NADIA, dnsfunc=lookup).dkim_aligned


def test_a_signature_over_a_part_of_the_body_is_not_trusted() -> None:
    raw = signed(length=True) + b"and pay to this account\r\n"
    assert check(raw, from_address=NADIA, dnsfunc=lookup).dkim == "fail"


def test_a_silent_dns_means_unknown_and_a_missing_key_means_fail() -> None:
    def silent(name: bytes, timeout: int = 5) -> bytes | None:
        raise TimeoutError

    assert check(signed(), from_address=NADIA, dnsfunc=silent).dkim == "unknown"
    assert check(signed(selector=b"gone"), from_address=NADIA, dnsfunc=lookup).dkim == "fail"


def test_no_signature_is_none_and_rubbish_never_raises() -> None:
    assert check(mails.mail(), from_address=NADIA, dnsfunc=lookup).dkim == "none"
    for path in mails.every()[::5]:
        check(path.read_bytes(), from_address=NADIA, dnsfunc=lookup)


@pytest.mark.parametrize(
    ("signing", "author", "same"),
    [
        ("customer.example", "customer.example", True),
        ("mail.customer.example", "customer.example", True),
        ("customer.example", "mail.Customer.example", True),
        ("example", "customer.example", False),
        ("notcustomer.example", "customer.example", False),
        ("", "", False),
    ],
)
def test_alignment_is_the_same_domain_or_one_below(signing: str, author: str, same: bool) -> None:
    assert aligned(signing, author) is same
