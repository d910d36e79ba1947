"""Makes a mail durable: raw bytes and envelope are on disk and committed before anybody says 250. Knows nothing of what the mail says.

Mails that come in together are committed together: one commit is in flight, and all that waits meanwhile shares the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import InterfaceError, OperationalError

from chat.ledger import blobs, received
from chat.ledger.read import in_thread
from chat.ledger.received import New
from mailgateway.doorbell import Doorbell

SOURCE = "email"
SMALL = 64 * 1024
"""Octets up to which a mail waits in memory for its commit; a larger one goes to the disk as it comes."""
GROUP = 128
"""Mails in one commit at most."""
bell = Doorbell()
"""Rings when a mail has come in, for the intake of this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The envelope of a mail as the door took it through which it came."""

    sender: str
    """MAIL FROM; empty for the null sender."""
    recipients: tuple[str, ...]
    peer: str = ""
    """The address it came from, as a trusted proxy told it where there is one; empty where the door knows none."""
    greeting: str = ""
    """What the client called itself in HELO or EHLO."""
    door: str = "smtp"
    """smtp, lmtp, imap or webhook."""
    tls: bool = False
    trusted: bool = False
    """A front server of the site's own handed it in: what that says about senders is believed."""

    def fields(self) -> dict[str, Any]:
        """As it stands in the row; what is as usual does not."""
        known = {"sender": self.sender, "recipients": list(self.recipients), "peer": self.peer, "greeting": self.greeting}
        unusual = {"door": self.door if self.door != "smtp" else "", "tls": self.tls, "trusted": self.trusted}
        return known | {name: value for name, value in unusual.items() if value}


class Incoming:
    """The raw bytes of one mail on their way in. At the end `discard()`, kept or not."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._held = 0
        self._spool: blobs.Spool | None = None

    async def write(self, piece: bytes) -> None:
        """Raises OSError if the disk is full."""
        self._pieces.append(piece)
        self._held += len(piece)
        self.size += len(piece)
        if self._held > SMALL:
            self._spool = self._spool or blobs.Spool()
            pieces, self._pieces, self._held = self._pieces, [], 0
            await self._spool.write(*pieces)

    async def raw(self) -> bytes | str:
        """A small one itself; the digest of a large one, which is durable then. Raises OSError."""
        if self._spool is None:
            return b"".join(self._pieces)
        await self._spool.write(*self._pieces)
        return await self._spool.keep()

    def discard(self) -> None:
        """Leave nothing of it in memory, and on disk only what was kept."""
        self._pieces.clear()
        if self._spool is not None:
            self._spool.discard()


class Hatch:
    """Where the doors of one event loop hand in their mails."""

    def __init__(self) -> None:
        self._waiting: list[tuple[New, asyncio.Future[int]]] = []
        self._commits: asyncio.Task[None] | None = None

    async def keep(self, mail: Incoming, post: Post) -> int:
        """Returns the number of the row after the commit. Raises OSError or DatabaseError when it could not be kept.

        Whoever is cancelled meanwhile has a mail that may be kept nevertheless: the sender, who heard no 250, sends it again.
        """
        raw = await mail.raw()
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((New(source=SOURCE, raw=raw, envelope=post.fields()), future))
        if self._commits is None or self._commits.done():
            self._commits = asyncio.create_task(self._commit(), name="mails-in")
        return await future

    async def _commit(self) -> None:
        # Whatever happens to this task, nobody may wait for ever: neither its own group nor the next.
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            outcomes: Sequence[int | BaseException] = [OperationalError("The commit was given up.")] * len(group)
            try:
                outcomes = await _outcomes([mail for mail, _ in group])
            finally:
                _tell([future for _, future in group], outcomes)
            bell.ring()


_hatches: WeakKeyDictionary[asyncio.AbstractEventLoop, Hatch] = WeakKeyDictionary()


def hatch() -> Hatch:
    """The one of this event loop."""
    return _hatches.setdefault(asyncio.get_running_loop(), Hatch())


async def hand_in(raw: bytes, post: Post) -> int:
    """Keep a mail that is in memory as a whole: for every door but SMTP, which writes as it comes.

    Returns the number of its row once it is durable. Raises OSError or DatabaseError: then the door must offer it again.
    """
    mail = Incoming()
    try:
        await mail.write(raw)
        return await hatch().keep(mail, post)
    finally:
        mail.discard()


def _tell(futures: Sequence[asyncio.Future[int]], outcomes: Sequence[int | BaseException]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():
            continue  # its connection is gone
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


async def _outcomes(mails: Sequence[New]) -> Sequence[int | Exception]:
    try:
        return await in_thread(_kept, mails)
    except Exception as problem:  # nobody may wait for ever
        return [problem] * len(mails)


def _kept(mails: Sequence[New]) -> list[int | Exception]:
    """In one commit; where one of them is why that fails, each in its own."""
    try:
        return [*received.keep_all(mails)]
    except (OperationalError, InterfaceError):
        raise
    except Exception as problem:
        if len(mails) == 1:
            return [problem]
        return [outcome for mail in mails for outcome in _kept([mail])]
