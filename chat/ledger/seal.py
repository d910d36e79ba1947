"""The hash chain: seal one event, verify a chain. Pure functions over bytes; knows no database.

The format is fixed for ever under `v` 1 (docs/decisions/0002-*.md); test vectors stand in tests/chat/ledger/vectors.json.

    field digest  = SHA-256("throughline/1/field" NUL salt[16] canonical(value))
    body digest   = SHA-256("throughline/1/body"  NUL canonical({field: hex(field digest)}))
    key digest    = SHA-256("throughline/1/key"   NUL salt[16] key)
    seal          = SHA-256("throughline/1/seal"  NUL header body-digest[32])

`canonical` is JSON as in RFC 8785 restricted to strings, booleans, null, integers with magnitude below 2**53, lists and
maps with ASCII keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

V = 1
FIELD = b"throughline/1/field\0"
GENESIS = bytes(32)
"""The previous seal of the first event of a conversation."""
SALT_OCTETS = 16
_MAX_INT = 2**53 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotSealable(ValueError):
    """A value that the format does not allow; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One event as stored: `header` the very bytes sealed, `digests` the canonical JSON of the field digests."""

    header: bytes
    digests: bytes
    body_digest: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event of a chain that does not hold, and what is wrong with it."""

    position: int
    problem: str


def canonical(value: Any) -> bytes:
    """The bytes that are sealed for a value. Raises NotSealable for floats, big integers, NUL, lone surrogates and non-ASCII keys."""
    if type(value) is str and value.isascii() and "\0" not in value:
        return _fitting(orjson.dumps(value))
    _check(value)
    return _encode(value)


def _encode(value: Any) -> bytes:
    return _fitting(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _fitting(octets: bytes) -> bytes:
    # orjson leaves each result in the 4 KB that it was written to. What is sealed waits in the queue and is kept for those who follow.
    return b"".join((octets, b""))


def field_digest(salt: bytes, value: bytes) -> bytes:
    """Digest of one field: `salt` has 16 octets, `value` is canonical."""
    return hashlib.sha256(FIELD + salt + value).digest()


def key_digest(salt: bytes, key: str) -> bytes:
    return hashlib.sha256(b"throughline/1/key\0" + salt + key.encode()).digest()


def body_digest(digests: bytes) -> bytes:
    """Digest over the canonical JSON map of field name to hex digest."""
    return hashlib.sha256(b"throughline/1/body\0" + digests).digest()


def seal(header: Mapping[str, Any], fields: Mapping[str, tuple[bytes, bytes]]) -> Sealed:
    """Seal one event. `fields` maps a name to (salt, canonical value); `header` holds the previous seal in hex under `prev`.

    The header's texts and the names are those of an admitted command, which were looked at before: here, on the way of every
    message, they are only encoded.
    """
    digests = _encode({name: hashlib.sha256(FIELD + salt + value).hexdigest() for name, (salt, value) in fields.items()})
    head = _encode(header)
    body = body_digest(digests)
    return Sealed(head, digests, body, chain(head, body))


def chain(header: bytes, body: bytes) -> bytes:
    return hashlib.sha256(b"throughline/1/seal\0" + header + body).digest()


class Columns(Protocol):
    """The columns that the header is made of."""

    @property
    def site(self) -> int: ...
    @property
    def conversation(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def kind_version(self) -> int: ...
    @property
    def actor(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def disclose(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def key_salt(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Row:
    """What `verify` needs of a stored event. `fields` holds (salt, value) or None where crossed out."""

    conversation: int
    position: int
    kind: str
    kind_version: int
    actor: str
    channel: str
    audience: str
    disclose: str
    at: int
    key: str
    key_salt: bytes
    site: int
    header: bytes
    digests: bytes
    seal: bytes
    fields: Mapping[str, tuple[bytes, bytes] | None]


def verify(rows: Iterable[Row], *, previous: bytes = GENESIS, position: int = 0) -> Broken | tuple[int, bytes]:
    """Walk a chain in order. Returns the last (position, seal), or the first event that does not hold.

    Checks that positions are without gap, times rise, every column equals the sealed header, every field not crossed out matches
    its digest, and every seal follows from the one before.
    """
    last_at = 0
    for row in rows:
        position += 1
        if row.position != position:
            return Broken(position, f"entry {position} is missing; the next one found is {row.position}")
        problem = _problem(row, previous, last_at)
        if problem:
            return Broken(position, problem)
        previous, last_at = row.seal, row.at
    return position, previous


def header_of(row: Columns, previous: bytes) -> dict[str, Any]:
    """The sealed header for these columns: pseudonymous, nothing personal."""
    return {
        "v": V,
        "site": row.site,
        "conversation": str(row.conversation),
        "position": row.position,
        "kind": row.kind,
        "kind_version": row.kind_version,
        "actor": row.actor,
        "channel": row.channel,
        "audience": row.audience,
        "disclose": row.disclose,
        "at": row.at,
        "key": key_digest(row.key_salt, row.key).hex(),
        "prev": previous.hex(),
    }


def _problem(row: Row, previous: bytes, last_at: int) -> str:
    if row.at <= last_at:
        return "its time is not after the entry before"
    try:
        header = canonical(header_of(row, previous))
    except ValueError:
        header = b""  # a column holds what could never have been sealed
    if header != row.header:
        return "its header (place, kind, actor, audience, time or the seal before) was changed"
    try:
        digests = orjson.loads(row.digests)
    except orjson.JSONDecodeError:
        return "its list of digests cannot be read"
    if not isinstance(digests, dict) or set(digests) != set(row.fields):
        return "a field was added or removed"
    for name, pair in row.fields.items():
        if pair is not None and field_digest(*pair).hex() != digests[name]:
            return f"the field {name!r} was changed"
    if chain(row.header, body_digest(row.digests)) != row.seal:
        return "its seal does not follow from its content"
    return ""


def _check(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise NotSealable("Text with a NUL character cannot be stored.")
        if not value.isascii() and _SURROGATE.search(value):
            raise NotSealable("Text with half of a surrogate pair cannot be stored.")
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise NotSealable(f"The number {value} is too large to be stored exactly.")
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii() and "\0" not in key):
                raise NotSealable(f"The field name {key!r} is not plain ASCII.")
            _check(item)
    else:
        raise NotSealable(f"A value of type {type(value).__name__} cannot be stored.")
