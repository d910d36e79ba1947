"""Recognises what is signed or encrypted, by OpenPGP or S/MIME, so that people are told; opens nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mailgateway.reading.mime import Part

_SCANNED = 100_000
_BY_TYPE = {
    "application/pgp-encrypted": "pgp-encrypted",
    "application/pgp-signature": "pgp-signed",
    "application/pkcs7-signature": "smime-signed",
    "application/x-pkcs7-signature": "smime-signed",
}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


def notes(root: Part, text: str) -> Iterator[str]:
    """pgp-encrypted | pgp-signed | smime-encrypted | smime-signed, and message-partial, external-body: what cannot be read here."""
    yield from _of_parts(root)
    scanned = text[:_SCANNED]
    if "-----BEGIN PGP MESSAGE-----" in scanned:
        yield "pgp-encrypted"
    if "-----BEGIN PGP SIGNED MESSAGE-----" in scanned:
        yield "pgp-signed"


def _of_parts(part: Part) -> Iterator[str]:
    kind = part.media_type
    if kind in _BY_TYPE:
        yield _BY_TYPE[kind]
    elif kind in _SMIME:
        # RFC 8551 section 3.2.2: the parameter says what is inside; signed data is readable by programs that know CMS.
        signed = part.type_params.get("smime-type", "").lower() == "signed-data"
        yield "smime-signed" if signed else "smime-encrypted"
    elif kind == "message/partial":
        yield "message-partial"
    elif kind == "message/external-body":
        yield "external-body"
    for child in part.children:
        yield from _of_parts(child)
