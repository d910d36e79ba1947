"""C2SP signed notes (c2sp.org/signed-note) with Ed25519 keys: write one, open one. Pure; knows neither whose key it is nor what is signed.

A note is text, a blank line, and lines `— <key name> <base64 of key id and signature>`. A verifier key is written
`<name>+<key id in hex>+<base64 of 0x01 and the public key>`, as the tools of that family take it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MOST_OCTETS = 256 * 1024
MOST_SIGNATURES = 64
"""Lines of signatures that are read; the specification asks for 16 at least."""
_ED25519 = b"\x01"
_MARK = "— "
_NAME = re.compile(r"[^\s+]+\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(ValueError):
    """A note or a verifier key that cannot be trusted; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """A verifier key: its name, its id (4 octets), and the 32 octets of the Ed25519 public key."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, vkey: str) -> Key:
        """From its written form. Raises BadNote."""
        name, _, rest = vkey.strip().partition("+")
        hexed, _, encoded = rest.partition("+")
        material = _decoded(encoded)
        if not _NAME.match(name) or material[:1] != _ED25519 or len(material) != 33:
            raise BadNote("This is no Ed25519 verifier key; one looks like name+id+key.")
        key = cls(name, key_id(name, material[1:]), material[1:])
        if key.id.hex() != hexed:
            raise BadNote(f"The id of the verifier key {name}+{hexed[:8]} does not follow from the key.")
        return key

    def __str__(self) -> str:
        return vkey(self.name, self.public)


def public_of(seed: bytes) -> bytes:
    """The public key, 32 octets, of a private one (RFC 8032 section 5.1.5)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_id(name: str, public: bytes) -> bytes:
    """Four octets that say which key of a name made a signature; short on purpose, and no proof of anything."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def vkey(name: str, public: bytes) -> str:
    """The verifier key as text."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def sign(text: str, *, name: str, seed: bytes) -> str:
    """The signed note of a text that ends in a newline. Raises BadNote for a text or a name that no note can carry."""
    if not _NAME.match(name):
        raise BadNote(f"{name!r} cannot be the name of a key: it is empty, or holds a space or a plus.")
    _plain(text)
    if not text.endswith("\n"):
        raise BadNote("The text of a note ends in a newline.")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    signature = key_id(name, public) + private.sign(text.encode())
    return f"{text}\n{_MARK}{name} {base64.b64encode(signature).decode()}\n"


def opened(note: str, keys: Iterable[str]) -> str:
    """The text, if one of these verifier keys signed it. Raises BadNote."""
    return signed_by(note, keys)[0]


def signed_by(note: str, keys: Iterable[str]) -> tuple[str, tuple[Key, ...]]:
    """The text, and which of these verifier keys signed it: one at least. Raises BadNote.

    Signatures of other keys are passed over, as the specification asks; one of a known key that does not hold spoils the note.
    """
    _plain(note)
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BadNote("This is no signed note: it does not end in a blank line and lines of signatures.")
    text += "\n"
    known = {(key.name, key.id): key for key in map(Key.read, keys)}
    found: dict[tuple[str, bytes], Key] = {}
    for name, octets in _signatures(lines):
        key = known.get((name, octets[:4]))
        if key is not None and not _holds(key, octets[4:], text):
            raise BadNote(f"The signature of {name} does not belong to this text.")
        if key is not None:
            found[name, octets[:4]] = key
    if not found:
        raise BadNote("None of the known keys signed this note.")
    return text, tuple(found.values())


def _signatures(lines: str) -> Iterable[tuple[str, bytes]]:
    rows = lines[:-1].split("\n")
    if len(rows) > MOST_SIGNATURES:
        raise BadNote(f"The note has more than {MOST_SIGNATURES} signatures.")
    for row in rows:
        name, _, encoded = row.removeprefix(_MARK).partition(" ")
        octets = _decoded(encoded)
        if not row.startswith(_MARK) or not _NAME.match(name) or len(octets) < 5:
            raise BadNote("A line of the note's signatures cannot be read.")
        yield name, octets


def _holds(key: Key, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _plain(text: str) -> None:
    try:
        octets = text.encode()
    except UnicodeEncodeError as problem:
        raise BadNote("A note is well-formed UTF-8.") from problem
    if len(octets) > MOST_OCTETS:
        raise BadNote(f"A note has at most {MOST_OCTETS} octets.")
    if _CONTROL.search(text):
        raise BadNote("A note holds no control characters but newlines.")


def _decoded(encoded: str) -> bytes:
    """Base64 in its one canonical spelling; empty for anything else."""
    try:
        octets = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return octets if base64.b64encode(octets).decode() == encoded else b""
