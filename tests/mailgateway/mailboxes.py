"""A mailbox elsewhere for tests that fetch from it: watched by a thread as in a worker, looked into once, or used by a person."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from imapclient import IMAPClient

from chat.ledger import fetched, received
from chat.ledger.received import WAITING
from mailgateway import inbound
from mailgateway.imap import Watch
from mailgateway.imap_account import Account, Session
from mailgateway.imap_folder import Folder, Rules
from mailgateway.inbound import Post
from tests.mailgateway.gateway import rows
from tests.services.dovecot import PASSWORD, Dovecot


def account_of(dovecot: Dovecot, user: str) -> Account:
    return Account(host="127.0.0.1", port=dovecot.port, user=user, password=PASSWORD, tls="none")


@asynccontextmanager
async def watched(
    dovecot: Dovecot,
    user: str,
    *,
    folders: list[str] | None = None,
    rules: Rules | None = None,
    hand_in: Callable[[bytes, Post], object] | None = None,
) -> AsyncIterator[None]:
    """A thread that watches the mailbox, as in a worker."""
    loop = asyncio.get_running_loop()
    rules = rules or Rules(most=100_000)
    watch = Watch(account_of(dovecot, user), folders or ["INBOX"], rules, hand_in=hand_in or handing_in(loop))
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        await asyncio.to_thread(thread.join, 20)
        assert not thread.is_alive()


def look(dovecot: Dovecot, user: str, hand_in: Callable[[bytes, Post], object], account: Account | None = None) -> int:
    """One look into the inbox, on this thread."""
    name = f"{user}@127.0.0.1:{dovecot.port}"
    fetched.hold(name, "test", seconds=1)
    session = Session(account or account_of(dovecot, user))
    try:
        return Folder("INBOX", name, Rules(most=100_000), hand_in=hand_in, still_ours=lambda: None).look(session)
    finally:
        session.close()
        fetched.let_go(name, "test")


def handing_in(loop: asyncio.AbstractEventLoop) -> Callable[[bytes, Post], int]:
    return lambda raw, post: asyncio.run_coroutine_threadsafe(inbound.hand_in(raw, post), loop).result(10)


def person(dovecot: Dovecot, user: str) -> IMAPClient:
    client = IMAPClient("127.0.0.1", port=dovecot.port, ssl=False)
    client.login(user, PASSWORD)
    return client


async def kept(count: int) -> list[received.Arrival]:
    """What waits once there are so many."""
    await until(lambda: len(rows(WAITING)) >= count)
    found = rows(WAITING)
    assert len(found) == count
    return found


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not come to that in time."
        await asyncio.sleep(0.05)
