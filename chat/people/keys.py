"""Keys for each purpose, derived from the root secrets (HKDF-SHA256, RFC 5869), so that one leaked key opens nothing else."""

from __future__ import annotations

import functools

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def keys_for(purpose: str) -> dict[int, bytes]:
    """All keys of a purpose by id, 32 octets each: retired ones still verify, the highest id is current."""
    return {number: _derived(secret, purpose) for number, secret in settings.ROOT_SECRETS.items()}


def key_for(purpose: str) -> bytes:
    """The current key of a purpose."""
    keys = keys_for(purpose)
    return keys[max(keys)]


@functools.cache
def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"throughline/1/{purpose}".encode()).derive(secret.encode())
