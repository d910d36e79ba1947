"""The envelope of a mail that comes through a door without one, from what the last server wrote at its head. Believes nothing that is
not signed: recipients lead to a conversation by their tag alone.
"""

from __future__ import annotations

from mailgateway import addresses
from mailgateway.inbound import Post
from mailgateway.reading import headers
from mailgateway.reading.headers import Fields

HEAD = 256 * 1024
"""Octets of the head that are looked at."""
MOST = 50
LINE = 10_000
"""Lines of the head, and characters of one, that are read."""


def of(raw: bytes, door: str) -> Post:
    """All of it."""
    return Post(sender=sender(raw), recipients=recipients(raw), door=door)


def sender(raw: bytes) -> str:
    """The return path, empty for the null sender; the author where nobody noted one, for an unknown sender is not the null sender."""
    known = _fields(raw)
    path = headers.every(known, "return-path")
    if path:
        return next(iter(_addresses(path[:1])), "")
    return next(iter(_addresses(headers.every(known, "from"))), "unknown@invalid")


def recipients(raw: bytes) -> tuple[str, ...]:
    """Whom it was delivered to; where nobody noted it, the addresses of ours among To and Cc."""
    known = _fields(raw)
    delivered = _addresses([value for name in headers.DELIVERED for value in headers.every(known, name)])
    if delivered:
        return tuple(dict.fromkeys(delivered))[:MOST]
    named = _addresses([*headers.every(known, "to"), *headers.every(known, "cc")])
    return tuple(address for address in dict.fromkeys(named[:MOST]) if addresses.deliverable(address))


def _fields(raw: bytes) -> Fields:
    return headers.fields(raw[:HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0])


def _addresses(values: list[str]) -> list[str]:
    """Those that can be stored: what is not plain text has no tag of ours either."""
    found = (box.address.strip() for value in values[:MOST] for box in headers.addresses(value[:LINE]))
    return [address for address in found if "@" in address and len(address) <= 320 and address.isascii() and address.isprintable()]
