"""A mailbox elsewhere, spoken to over IMAP: signing in, and the few commands that we need. Marks nothing as read and deletes nothing.

Blocks while it waits: use it on a thread. Knows no store.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from mailgateway.doors.imap_token import NoToken, Tokens

CONNECT, ANSWER = 20.0, 90.0
"""Seconds for a connection, and for one answer."""
SPARE = 1024 * 1024
"""Octets that a part may have above the largest mail: servers count line ends in two ways."""
# The numbers of all mails stand in one line; imaplib's own bound is reached at some 140,000.
imaplib._MAXLINE = 16 * 1024 * 1024  # type: ignore[attr-defined]  # what it reads of one line
PROBLEMS = (IMAPClientError, OSError, NoToken)
"""What using a mailbox raises when it, the network or a sign-in fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the mailbox is and how to get in."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    tls: str = "tls"
    tokens: Tokens | None = field(default=None, repr=False)
    """In place of a password."""


def from_settings() -> Account | None:
    """The mailbox that is set up; None if there is none."""
    if settings.IMAP is None:
        return None
    host, port = settings.IMAP
    tokens = Tokens(settings.IMAP_OAUTH, Path(settings.DATA)) if settings.IMAP_OAUTH else None
    return Account(host=host, port=port, user=settings.IMAP_USER, password=settings.IMAP_PASSWORD, tls=settings.IMAP_TLS, tokens=tokens)


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as it lies there: its number, octets, and when it came, in seconds since 1970."""

    uid: int
    size: int
    came: int


class Session:
    """One connection, signed in. Every method raises one of PROBLEMS."""

    def __init__(self, account: Account) -> None:
        context = ssl.create_default_context()
        self._client = IMAPClient(
            account.host,
            port=account.port,
            ssl=account.tls == "tls",
            ssl_context=context,
            timeout=SocketTimeout(connect=CONNECT, read=ANSWER),
        )
        self._client.normalise_times = False  # times with their zone
        _bound(self._client)
        try:
            if account.tls == "starttls":
                self._client.starttls(context)
            _sign_in(self._client, account)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with contextlib.suppress(*PROBLEMS, AttributeError):
            self._client.shutdown()

    def cut(self) -> None:
        """From another thread: whoever waits for an answer waits no longer."""
        with contextlib.suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def open(self, folder: str, *, to_move: bool = False) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT. Without `to_move` the server itself keeps every flag as it is."""
        found = self._client.select_folder(folder, readonly=not to_move)
        if b"UIDVALIDITY" not in found:
            raise IMAPClientError(f"{folder} has no UIDVALIDITY; a mail could be missed there.")
        return int(found[b"UIDVALIDITY"]), int(found.get(b"UIDNEXT", 0))

    def since(self, day: date) -> list[int]:
        """Numbers of the mails that came on this day or later, by the server's own clock."""
        return sorted(self._client.search(["SINCE", day]))

    def above(self, uid: int) -> list[int]:
        """Numbers from `uid` on. Where there are none, servers name the last one all the same (RFC 9051 section 9, seq-range)."""
        self._client._imap.untagged_responses.pop("EXISTS", None)
        return sorted(found for found in self._client.search([b"UID", b"%d:*" % uid]) if found >= uid)

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Those of these that are still there."""
        found = self._client.fetch(list(uids), [b"RFC822.SIZE", b"INTERNALDATE"]) if uids else {}
        known = [(uid, found[uid]) for uid in uids if b"RFC822.SIZE" in found.get(uid, {})]
        return [Listed(uid, int(each[b"RFC822.SIZE"]), int(each[b"INTERNALDATE"].timestamp())) for uid, each in known]

    def raw(self, uid: int) -> bytes | None:
        """The whole mail, with no flag touched; None if somebody took it away meanwhile."""
        return self._part(uid, b"BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int, *, most: int) -> bytes | None:
        """The first octets of its head."""
        return self._part(uid, b"BODY.PEEK[HEADER]<0.%d>" % most, b"BODY[HEADER]<0>")

    def move(self, uid: int, folder: str) -> None:
        """Out of the open folder. Copies and removes this one where the server cannot move."""
        if self._client.has_capability("MOVE"):
            self._client.move([uid], folder)
        elif self._client.has_capability("UIDPLUS"):
            self._client.copy([uid], folder)
            self._client.delete_messages([uid], silent=True)
            self._client.uid_expunge([uid])
        else:
            raise IMAPClientError("The server can neither MOVE nor UIDPLUS: without them a mail of somebody else could go. Leave it there.")

    def can_wait(self) -> bool:
        return bool(self._client.has_capability("IDLE"))

    def wait(self) -> bool:
        """Begin to be told of what happens in the open folder. True if the server said since the last look that something came."""
        self._client.idle()
        # Said along with another answer, it is in nobody's hands but imaplib's.
        return "EXISTS" in self._client._imap.untagged_responses

    def told(self, seconds: float) -> bool:
        """Whether there is reason to look: something happened to the folder within these seconds, or the line was closed."""
        begin = time.monotonic()
        heard = self._client.idle_check(timeout=seconds)
        if not heard and time.monotonic() - begin < seconds / 2:
            return True  # a line that was closed: the next command tells
        return any(len(line) > 1 and line[1] in (b"EXISTS", b"RECENT", b"EXPUNGE") for line in heard)

    def stop_waiting(self) -> None:
        self._client.idle_done()

    def ask(self) -> None:
        """Is it still there? Servers that do not tell by themselves tell now."""
        self._client.noop()

    def _part(self, uid: int, wanted: bytes, named: bytes) -> bytes | None:
        found = self._client.fetch([uid], [wanted]).get(uid, {})
        part = found.get(named)
        return bytes(part) if part is not None else None


def _bound(client: IMAPClient) -> None:
    """Let no server make us read more at once than the largest mail: imaplib takes as much as it is told."""
    taken, most = client._imap.read, settings.MAIL_MAX + SPARE

    def read(size: int) -> bytes:
        if size > most:
            raise client.AbortError(f"The server announced {size} octets.")
        return bytes(taken(size))

    client._imap.read = read


def _sign_in(client: IMAPClient, account: Account) -> None:
    if account.tokens is None:
        client.login(account.user, account.password)
        return
    token = account.tokens.token()
    try:
        # Microsoft and Google know the older one; others the one with an RFC (7628).
        if client.has_capability("AUTH=XOAUTH2") or not client.has_capability("AUTH=OAUTHBEARER"):
            client.oauth2_login(account.user, token)
        else:
            client.oauthbearer_login(account.user, token)
    except LoginError:
        account.tokens.refused()
        raise
