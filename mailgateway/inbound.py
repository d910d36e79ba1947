"""Makes a mail durable: raw bytes and envelope are on disk and committed before anybody says 250. Knows nothing of what the mail says."""

from __future__ import annotations

from dataclasses import dataclass

from chat.ledger import blobs, received
from mailgateway.doorbell import Doorbell

SOURCE = "email"
bell = Doorbell()
"""Rings when a mail has come in, for the intake of this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The envelope of a mail as the dialogue took it."""

    sender: str
    """MAIL FROM; empty for the null sender."""
    recipients: tuple[str, ...]
    peer: str = ""
    greeting: str = ""
    """What the client called itself in HELO or EHLO."""


def keep(raw: bytes, post: Post) -> int:
    """Returns the number of the row after the commit. Raises OSError or DatabaseError when it could not be kept."""
    digest = blobs.store(raw)
    envelope = {"sender": post.sender, "recipients": list(post.recipients), "peer": post.peer, "greeting": post.greeting}
    row = received.keep(SOURCE, digest, envelope)
    bell.ring()
    return row
