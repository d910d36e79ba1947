"""The keys that sign transcripts, archives and checkpoints, and the list of those ever used. Knows nothing of what is signed.

The private key follows from the root secret and is stored nowhere; a new root secret is a new key. Public keys stay listed for ever.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from chat.ledger import note
from chat.people.keys import key_for
from chat.people.models import SigningKey

PURPOSE = "signed-note"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key we sign or have signed with. Times are microseconds since 1970; `until` is None for one that no other has followed."""

    vkey: str
    id: str
    """Eight hex digits, as they stand between name and key."""
    since: int
    until: int | None


def origin() -> str:
    """The host of the public address in ASCII, as it stands in headers: the name of our keys, and the first word of whatever we sign."""
    return str(urlsplit(settings.PUBLIC_URL).hostname).encode("idna").decode()


def sign(text: str) -> str:
    """The signed note of a text, under the current key. Its public half is on the list before the signature leaves."""
    current_key()
    return note.sign(text, name=origin(), seed=key_for(PURPOSE))


def current_key() -> PublicKey:
    """The key that signs now; the first call puts it on the list, and ends the one before."""
    vkey = note.vkey(origin(), note.public_of(key_for(PURPOSE)))
    row = SigningKey.objects.filter(vkey=vkey).first() or _listed(vkey)
    return _public(row)


def public_keys() -> list[PublicKey]:
    """All keys that were ever used, the current one among them; the newest first."""
    current_key()
    return [_public(row) for row in SigningKey.objects.order_by("-since", "-pk")]


def _listed(vkey: str) -> SigningKey:
    now = time.time_ns() // 1000
    row, new = SigningKey.objects.get_or_create(vkey=vkey, defaults={"since": now})
    if new:
        SigningKey.objects.filter(until=None).exclude(pk=row.pk).update(until=now)
    return row


def _public(row: SigningKey) -> PublicKey:
    return PublicKey(row.vkey, note.Key.read(row.vkey).id.hex(), row.since, row.until)
