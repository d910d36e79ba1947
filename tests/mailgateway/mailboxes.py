"""A mailbox elsewhere for tests that fetch from it: watched by a thread as in a worker, looked into once, or used by a person."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from imapclient import IMAPClient

from chat.ledger import fetched, received
from chat.ledger.received import WAITING
from mailgateway import inbound
from mailgateway.doors.imap_account import Account, Session
from mailgateway.doors.imap_folder import Folder, Rules
from mailgateway.imap import Watch
from mailgateway.inbound import Post
from tests.mailgateway.gateway import rows
from tests.services.dovecot import PASSWORD, Dovecot


def account_of(dovecot: Dovecot, user: str, *, port: int = 0) -> Account:
    return Account(host="127.0.0.1", port=port or dovecot.port, user=user, password=PASSWORD, tls="none")


@asynccontextmanager
async def watched(
    dovecot: Dovecot,
    user: str,
    *,
    folders: list[str] | None = None,
    rules: Rules | None = None,
    hand_in: Callable[[bytes, Post], object] | None = None,
    port: int = 0,
) -> AsyncIterator[None]:
    """A thread that watches the mailbox, as in a worker, at another `port` if there is one."""
    loop = asyncio.get_running_loop()
    rules = rules or Rules(most=100_000)
    watch = Watch(account_of(dovecot, user, port=port), folders or ["INBOX"], rules, hand_in=hand_in or handing_in(loop))
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        await asyncio.to_thread(thread.join, 20)
        assert not thread.is_alive()


@asynccontextmanager
async def breaking_line(port: int, *, every: int = 2**40, at: bytes = b"\0") -> AsyncIterator[int]:
    """A port that leads to another one and cuts each connection after so many octets of answers, or before one that holds these."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int) -> None:
        with contextlib.suppress(OSError):
            while most > 0 and (data := await reader.read(min(most, 4096))) and at not in data:
                most -= len(data)
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, there_writer, 2**40), carry(there_reader, writer, every))

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


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
