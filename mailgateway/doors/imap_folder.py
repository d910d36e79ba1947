"""One look into a folder of a mailbox elsewhere: what is new is made durable here, once each, whatever people do there meanwhile.

A number says which mail it is only under one UIDVALIDITY, so the digest of its bytes says whether we had it. Knows no connection's fate.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from chat.ledger import fetched
from mailgateway.doors import outside_envelope
from mailgateway.doors.imap_account import Listed, Session
from mailgateway.inbound import Post

log = structlog.get_logger()

AT_ONCE = 100
"""Mails asked about in one command."""
OVERLAP = timedelta(days=2)
"""How far back all is looked at again when the numbers are new: clocks differ, and SEARCH knows days only."""
TRIES = 3
"""So often a mail is asked for that the server does not give."""
BROKEN = 5
"""So often one at which the line breaks: also a mail that brings a server down holds up the others only for minutes."""
_MIME = re.compile(rb"(?:content-[a-z-]+|mime-version):", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`most` octets of one mail, `days` back at the first look, and the folder for what is `done` (empty: it stays)."""

    most: int
    days: int = 1
    done: str = ""


class Folder:
    """One folder over all connections. `hand_in` makes a mail durable; `still_ours` raises once another process is at it."""

    def __init__(
        self, name: str, mailbox: str, rules: Rules, *, hand_in: Callable[[bytes, Post], object], still_ours: Callable[[], None]
    ) -> None:
        self.name = name
        self._mailbox = f"{mailbox}/{name}"[:255]
        self._rules = rules
        self._hand_in = hand_in
        self._still_ours = still_ours
        self._swept: Session | None = None
        """The connection over which was moved what an earlier one had left."""
        self._refused: dict[tuple[int, int], int] = {}

    def look(self, session: Session) -> int:
        """Take what is new. Returns how many mails that were; raises what the session raises, or the store."""
        validity, next_uid = session.open(self.name, to_move=bool(self._rules.done))
        place = fetched.place(self._mailbox)
        old: set[int] = set()
        if place.validity != validity:
            old = self._begin(session, validity, next_uid, place)
            place = fetched.place(self._mailbox)
        if self._rules.done and self._swept is not session:
            self._move_what_stayed(session, validity)
            self._swept = session
        count = 0
        for uids in _chunks([uid for uid in session.above(place.next_uid) if uid not in old]):
            for mail in session.listed(uids):
                self._still_ours()
                count += self._take(session, validity, mail)
        return count

    def _begin(self, session: Session, validity: int, next_uid: int, before: fetched.Place) -> set[int]:
        """A folder that is new, or numbered anew: where to begin. Returns the numbers from there on that are too old to take."""
        every = session.above(1)
        day = _day(before.newest) - OVERLAP if before.validity else datetime.now(UTC).date() - timedelta(days=self._rules.days)
        young = session.since(day)
        fetched.begin(self._mailbox, validity=validity, next_uid=min(young, default=next_uid or max(every, default=0) + 1))
        log.info("imap_folder_begun", renumbered=bool(before.validity), mails=len(every), since=str(day), young=len(young))
        return set(every) - set(young)

    def _take(self, session: Session, validity: int, mail: Listed) -> int:
        raw = self._raw(session, validity, mail)
        if raw is None:
            return 0
        digest = hashlib.sha256(raw).hexdigest()
        new = not fetched.known(digest)
        if new:
            self._hand_in(raw, outside_envelope.of(raw, "imap"))
        fetched.took(self._mailbox, validity=validity, uid=mail.uid, digest=digest, came=mail.came)
        if self._rules.done:
            session.move(mail.uid, self._rules.done)
        return int(new)

    def _raw(self, session: Session, validity: int, mail: Listed) -> bytes | None:
        """The mail; in place of one that is too large or that the server does not give, a mail that says so."""
        if mail.size > self._rules.most:
            words = f"This mail has {mail.size:,} octets, more than the {self._rules.most:,} that THROUGHLINE_MAIL_MAX allows."
            return self._instead(session, validity, mail, words)
        if self._refused.get((validity, mail.uid), 0) >= BROKEN:
            return self._instead(session, validity, mail, "The line to the mail server broke again and again at this mail.")
        try:
            return session.raw(mail.uid)
        except (IMAPClientError, OSError) as problem:
            tried = self._counted(validity, mail)
            if _is_lost(problem) or tried < TRIES:
                raise
            return self._instead(session, validity, mail, f"The mail server does not give this mail: {problem}.")

    def _counted(self, validity: int, mail: Listed) -> int:
        """How often this mail could not be had, this time included."""
        self._refused[validity, mail.uid] = tried = self._refused.get((validity, mail.uid), 0) + 1
        return tried

    def _head(self, session: Session, validity: int, mail: Listed) -> bytes:
        """What can be had of its head."""
        if self._refused.get((validity, mail.uid), 0) > BROKEN:
            return b""
        try:
            return session.head(mail.uid, most=outside_envelope.HEAD) or b""
        except (IMAPClientError, OSError) as problem:
            if not _is_lost(problem):
                return b""
            self._counted(validity, mail)
            raise

    def _instead(self, session: Session, validity: int, mail: Listed, words: str) -> bytes:
        head = self._head(session, validity, mail)
        log.warning("imap_mail_left", uid=mail.uid, size=mail.size)
        kept = b"\r\n".join(line for line in _fields(head) if not _MIME.match(line))
        text = f"{words} It lies in the folder {self.name} of the mailbox."
        return kept + b"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n"

    def _move_what_stayed(self, session: Session, validity: int) -> None:
        """What was durable already when the connection was lost before it was moved."""
        for uids in _chunks(session.above(1)):
            for uid in sorted(fetched.taken(self._mailbox, validity=validity, uids=uids)):
                session.move(uid, self._rules.done)


def _is_lost(problem: Exception) -> bool:
    """Whether the line is gone, and not only the answer."""
    return isinstance(problem, IMAPClientAbortError | OSError)


def _fields(head: bytes) -> list[bytes]:
    """Its lines, each with those that go on with it."""
    return re.split(rb"\r?\n(?![ \t])", head.strip(b"\r\n"))


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(uids), AT_ONCE):
        yield uids[begin : begin + AT_ONCE]
