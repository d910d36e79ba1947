"""The door for those who have no port 25: one mailbox elsewhere is watched, and what comes there is fetched and handed to the intake.

Runs on a thread of its own beside the event loop. Of several workers one has the mailbox; the others wait for its lease to run out.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from chat.ledger import fetched
from chat.ledger.read import in_thread
from mailgateway import addresses, inbound
from mailgateway.doors import imap_account
from mailgateway.doors.imap_account import PROBLEMS, Account, Session
from mailgateway.doors.imap_folder import Folder, Rules
from mailgateway.inbound import Post

log = structlog.get_logger()

LEASE = 60.0
"""Seconds; whoever dies with the mailbox gives it up after that."""
RENEW = 20.0
WATCH = 60.0
"""Seconds of IDLE (RFC 2177) after which we look all the same: a server may miss what comes in the moment in which it begins to watch, and
routers forget silent lines.
"""
POLL = 30.0
"""Seconds between two looks where the server cannot tell by itself, and at the folders that are not watched."""
STEP = 2.0
"""Seconds after which a silent thread looks whether it shall stop."""
NO_SITE = 2.0
"""Seconds between two looks whether somebody has set up a shop for which mail could be."""
KEEPING = 120.0
"""Seconds in which a mail must be durable."""
LATE = 600
"""Seconds without a look into the mailbox after which health has a word about it."""
BACK_OFF = (2.0, 5.0, 15.0, 60.0, 300.0)


class Lost(Exception):
    """Another process has the mailbox now."""


async def run(stopping: asyncio.Event) -> None:
    """Watch the mailbox that is set up, if there is one, until `stopping`."""
    account = imap_account.from_settings()
    if account is None:
        return
    loop = asyncio.get_running_loop()
    await in_thread(fetched.free)

    def hand_in(raw: bytes, post: Post) -> int:
        return asyncio.run_coroutine_threadsafe(inbound.hand_in(raw, post), loop).result(KEEPING)

    rules = Rules(most=settings.MAIL_MAX, days=settings.IMAP_DAYS, done=settings.IMAP_DONE)
    watch = Watch(account, settings.IMAP_FOLDERS, rules, hand_in=hand_in)
    ended = asyncio.Event()

    def work() -> None:
        watch.run()
        loop.call_soon_threadsafe(ended.set)

    # Nobody waits for this thread at the end: it may hang in a connection that a server elsewhere does not answer.
    threading.Thread(target=work, name="imap", daemon=True).start()
    await stopping.wait()
    watch.stop()
    await ended.wait()


def trouble() -> str:
    """That the mailbox is not looked into, or nothing. Raises DatabaseError if the store is away."""
    account = imap_account.from_settings()
    if account is None or not addresses.bases():
        return ""
    seconds = fetched.since_look(_name_of(account))
    if seconds is not None and seconds < LATE:
        return ""
    since = "yet" if seconds is None else f"for {seconds // 60} min"
    return f"the mailbox {account.user} was not looked into {since}: `throughline doctor mail` says why"


class Watch:
    """The thread's work: look, wait, look again, through every failure."""

    def __init__(self, account: Account, folders: list[str], rules: Rules, *, hand_in: Callable[[bytes, Post], object]) -> None:
        self._account = account
        self._name = _name_of(account)
        self._me = secrets.token_hex(8)
        self._held_until = 0.0
        self._stop = threading.Event()
        self._session: Session | None = None
        self._failures = 0
        """In a row, since everything was looked into last."""
        self._folders = [Folder(name, self._name, rules, hand_in=hand_in, still_ours=self._still_ours) for name in folders]

    def stop(self) -> None:
        """From another thread."""
        self._stop.set()
        session = self._session
        if session is not None:
            session.cut()

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._still_ours()
                if addresses.bases():
                    self._connected()
                else:
                    self._stop.wait(NO_SITE)  # before the first run mail is better off where it is
                self._failures = 0
            except Lost:
                self._stop.wait(RENEW)
            except (*PROBLEMS, DatabaseError, TimeoutError) as problem:
                if self._stop.is_set():
                    break
                # Nothing is lost: what was not durable here is new at the next look.
                log.warning("imap_interrupted", problem=_words(problem), failures=self._failures)
                self._stop.wait(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
                self._failures += 1
            except Exception:
                log.exception("imap_failed")
                self._stop.wait(BACK_OFF[-1])
            finally:
                close_old_connections()
        self._give_back()

    def _connected(self) -> None:
        session = self._session = Session(self._account)
        try:
            fetched.forget()
            log.info("imap_connected", folders=len(self._folders))
            while not self._stop.is_set():
                # The first one comes last, so that it is the open one, which the server tells of.
                taken = sum(folder.look(session) for folder in reversed(self._folders))
                if taken:
                    log.info("imap_taken", mails=taken)
                fetched.looked(self._name)
                self._failures = 0
                self._rest(session)
        finally:
            self._session = None
            session.close()

    def _rest(self, session: Session) -> None:
        """Until there is reason to look again."""
        until = time.monotonic() + (WATCH if session.can_wait() and len(self._folders) == 1 else POLL)
        if not session.can_wait():
            self._sleep(until)
            session.ask()
            return
        told = session.wait()
        while not told and not self._stop.is_set() and time.monotonic() < until:
            told = session.told(STEP)
            self._still_ours()
        session.stop_waiting()

    def _sleep(self, until: float) -> None:
        while not self._stop.is_set() and time.monotonic() < until:
            self._stop.wait(STEP)
            self._still_ours()

    def _still_ours(self) -> None:
        """Renews the lease when it is time. Raises Lost."""
        now = time.monotonic()
        if now < self._held_until - LEASE + RENEW:
            return
        if not fetched.hold(self._name, self._me, seconds=LEASE):
            self._held_until = 0.0
            raise Lost
        self._held_until = now + LEASE

    def _give_back(self) -> None:
        try:
            fetched.let_go(self._name, self._me)
        except DatabaseError:
            log.info("imap_lease_left")  # it runs out by itself
        finally:
            close_old_connections()


def _name_of(account: Account) -> str:
    return f"{account.user}@{account.host}:{account.port}"[:200]


def _words(problem: BaseException) -> str:
    """The server's own words; never a password, which no server says."""
    return " ".join(f"{type(problem).__name__}: {problem}".split())[:300]
