"""The keys by which signatures are checked: looked up, weighed, and given to dkimpy, which knows RSA alone without a further library."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dkim  # type: ignore[import-untyped]  # it ships no types
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mailgateway.proof.lookups import Lookups, Unanswered

MAX_KEY = 800
"""Octets of a key in base64: RSA keys end at 4096 bits (RFC 8301 section 3.2)."""
ED25519 = b"ed25519"


class Asked:
    """dkimpy's door to the DNS. Remembers whether a key was there, for dkimpy does not tell a missing key from a wrong signature."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self.found = self.silent = False
        self.trouble = "its key is not published"

    def __call__(self, name: bytes | str, timeout: float = 5) -> bytes | None:
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        try:
            records: list[bytes] = [row for row in self._lookups.ask(text) if b"p=" in row]
        except Unanswered:
            self.silent = True
            raise
        if not records:
            return None
        key = tags(records[0])
        if not key.get(b"p") or len(key[b"p"]) > MAX_KEY or key.get(b"k", b"rsa") not in (b"rsa", ED25519):
            self.trouble = "its key is too large, of an unknown kind, or was taken back"
            return None
        self.found = True
        return records[0]


class _Checked:
    """dkimpy's check of one signature, given a body that is in its form already: dkimpy would walk through it twice more."""

    body: bytes
    pk: Any
    keysize: int
    ktag: bytes
    seqtlsrpt: bool

    def verify_sig(self, sig: dict[bytes, bytes], include_headers: Any, sig_header: Any, dnsfunc: Asked) -> bool:
        head = sig.get(b"c", b"simple").partition(b"/")[0]
        # An empty body is a line end in one form and nothing in the other (RFC 6376 section 3.4).
        ready = {**sig, b"c": head + b"/simple"} if self.body else sig
        record = dnsfunc(sig[b"s"] + b"._domainkey." + sig[b"d"] + b".")
        if (record is not None and tags(record).get(b"k") == ED25519) != (sig[b"a"] == b"ed25519-sha256"):
            return False
        if sig[b"a"] != b"ed25519-sha256":
            return bool(super().verify_sig(ready, include_headers, sig_header, dnsfunc))  # type: ignore[misc]  # dkimpy has no types
        self.pk, self.keysize, self.ktag, self.seqtlsrpt = _Ed25519(tags(record or b"")[b"p"]), 256, ED25519, False
        done = self.verify_sig_process(ready, include_headers, sig_header, dnsfunc)  # type: ignore[attr-defined]
        return bool(done) and self.pk.good


class OneSignature(_Checked, dkim.DKIM):  # type: ignore[misc]
    """One DKIM signature of a mail."""


class Chain(_Checked, dkim.ARC):  # type: ignore[misc]
    """The ARC sets of a mail."""


class _Ed25519:
    """A key (RFC 8463) as dkimpy uses PyNaCl's. It says in `good` what that would say by raising."""

    def __init__(self, published: bytes) -> None:
        self.good = False
        try:
            self._key: Ed25519PublicKey | None = Ed25519PublicKey.from_public_bytes(base64.b64decode(published))
        except (ValueError, binascii.Error):
            self._key = None

    def verify(self, digest: bytes, signature: bytes) -> None:
        try:
            if self._key is not None:
                self._key.verify(signature, digest)
                self.good = True
        except InvalidSignature:
            self.good = False


def tags(value: bytes) -> dict[bytes, bytes]:
    """The tags of a signature or a key's record, the first of each name, without blanks."""
    found: dict[bytes, bytes] = {}
    for part in value.split(b";"):
        key, equals, content = part.partition(b"=")
        if equals:
            found.setdefault(key.strip(), b"".join(content.split()))
    return found
