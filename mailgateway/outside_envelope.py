"""The envelope of a mail that comes through a door without one, from what the last server wrote at its head. Believes nothing that is
not signed: recipients lead to a conversation by their tag alone.
"""

from __future__ import annotations

from email.parser import BytesHeaderParser
from email.utils import getaddresses

from mailgateway import addresses

DELIVERED = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
    "x-rcpt-to",
    "x-gm-original-to",
)
"""Where servers note whom a mail was for: Postfix, Dovecot and Gmail, Exim, and what is read into a mailbox elsewhere."""
HEAD = 256 * 1024
"""Octets of the head that are looked at."""
MOST = 50


def sender(raw: bytes) -> str:
    """The return path, empty for the null sender; the author where nobody noted one, for an unknown sender is not the null sender."""
    fields = _fields(raw)
    if "return-path" in fields:
        return next(iter(_addresses(fields["return-path"][:1])), "")
    return next(iter(_addresses(fields.get("from", []))), "unknown@invalid")


def recipients(raw: bytes) -> tuple[str, ...]:
    """Whom it was delivered to; where nobody noted it, the addresses of ours among To and Cc."""
    fields = _fields(raw)
    delivered = _addresses([value for name in DELIVERED for value in fields.get(name, [])])
    if delivered:
        return tuple(dict.fromkeys(delivered))[:MOST]
    named = _addresses([*fields.get("to", []), *fields.get("cc", [])])
    return tuple(address for address in dict.fromkeys(named[:MOST]) if addresses.deliverable(address))


def _fields(raw: bytes) -> dict[str, list[str]]:
    head = raw[:HEAD].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    found: dict[str, list[str]] = {}
    for name, value in BytesHeaderParser().parsebytes(head + b"\r\n\r\n").items():
        found.setdefault(name.lower(), []).append(str(value)[:10_000])
    return found


def _addresses(values: list[str]) -> list[str]:
    """Those that can be stored: what is not plain text has no tag of ours either."""
    found = (address.strip() for _, address in getaddresses(values[:MOST]))
    return [address for address in found if "@" in address and len(address) <= 320 and address.isascii() and address.isprintable()]
