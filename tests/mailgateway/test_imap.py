"""A mailbox elsewhere is watched: every mail that comes there is one event here, whatever people, servers and lines do meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from imapclient import IMAPClient

from chat.ledger import fetched, read, received
from chat.ledger.received import WAITING
from mailgateway import imap, imap_account, inbound
from mailgateway.imap import Watch
from mailgateway.imap_account import Account, Session
from mailgateway.imap_folder import Folder, Rules
from mailgateway.imap_token import NoToken, Tokens
from mailgateway.inbound import Post
from tests.mailgateway.gateway import Gateway, reply, rows, said, tag_of
from tests.mailgateway.mails import mail
from tests.services.certificate import for_localhost
from tests.services.dovecot import PASSWORD, Dovecot
from tests.services.tokens import TokenServer

DAY = 86_400
people = iter(f"person{number}" for number in range(1000))


@pytest.fixture(scope="module")
def dovecot(services_folder: Path) -> Iterator[Dovecot]:
    server = Dovecot(services_folder / "dovecot")
    yield server
    server.stop()


@pytest.fixture
def user() -> str:
    """Whose mailbox nobody has used yet."""
    return next(people)


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(imap, "BACK_OFF", (0.1,))
    monkeypatch.setattr(imap, "RENEW", 0.3)
    monkeypatch.setattr(imap, "STEP", 0.2)
    monkeypatch.setattr(imap, "WATCH", 3.0)


async def test_a_mail_is_taken_when_it_comes_and_stays_unread(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with _watched(dovecot, user):
        await _until(lambda: dovecot.sessions() > 0)
        dovecot.put(user, mail("Where is my parcel?\n", Delivered_To="support@support.example", Return_Path="<nadia@customer.example>"))
        (arrival,) = await _kept(1)
    assert arrival.envelope["recipients"] == ["support@support.example"]
    assert arrival.envelope["sender"] == "nadia@customer.example" and arrival.envelope["door"] == "imap"
    (file,) = dovecot.files(user)
    assert "S" not in file.name.partition(":2,")[2], "nobody has read it"


async def test_an_answer_fetched_finds_its_conversation_by_where_it_was_delivered(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    ours = await gateway.last_mail()
    raw = reply(ours, To="team@else.example", Delivered_To=tag_of(ours), **{"In-Reply-To": "", "References": ""})
    dovecot.put(user, raw)
    async with _watched(dovecot, user):
        await _kept(1)
    await gateway.take_in()
    assert [each.text for each in said(conversation)][-1] == "Thank you!"


async def test_what_lay_there_long_before_is_left_alone(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Long ago\n"), came=time.time() - 5 * DAY)
    dovecot.put(user, mail("This morning\n"))
    async with _watched(dovecot, user):
        (arrival,) = await _kept(1)
    assert b"This morning" in received.content(arrival)


async def test_new_numbers_double_nothing_and_miss_nothing(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    for number in range(3):
        dovecot.put(user, mail(f"Before {number}\n"))
    async with _watched(dovecot, user):
        await _kept(3)
    dovecot.put(user, mail("Meanwhile\n"))
    dovecot.number_anew(user)
    async with _watched(dovecot, user):
        await _kept(4)
        dovecot.put(user, mail("Afterwards\n"))
        arrivals = await _kept(5)
    assert len({arrival.digest for arrival in arrivals}) == 5


async def test_people_may_read_move_and_flag_what_they_like(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Read by a person\n"))
    with _person(dovecot, user) as person:
        person.select_folder("INBOX")
        person.add_flags([1], [rb"\Seen", rb"\Flagged"])
    async with _watched(dovecot, user, folders=["INBOX", "Done"]):
        await _kept(1)
        with _person(dovecot, user) as person:
            person.select_folder("INBOX")
            person.move([1], "Done")
            person.select_folder("Done")
            person.move([1], "INBOX")
        dovecot.put(user, mail("And another\n"))
        arrivals = await _kept(2)
    assert sorted(b"another" in received.content(arrival) for arrival in arrivals) == [False, True]


async def test_a_line_that_breaks_is_taken_up_again(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with _watched(dovecot, user):
        for number in range(3):
            await _until(lambda: dovecot.sessions() > 0)
            dovecot.cut()
            dovecot.put(user, mail(f"Number {number}\n", Message_ID=f"<{number}@customer.example>"))
            await _kept(number + 1)


async def test_a_mail_is_new_until_it_is_durable(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Where is my parcel?\n"))
    fails = iter([OSError("no room"), TimeoutError()])

    def hand_in(raw: bytes, post: Post) -> int:
        problem = next(fails, None)
        if problem:
            raise problem
        return _hand_in(loop)(raw, post)

    loop = asyncio.get_running_loop()
    async with _watched(dovecot, user, hand_in=hand_in):
        await _kept(1)


async def test_one_that_was_durable_and_not_remembered_is_not_taken_twice(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Where is my parcel?\n"))

    def dies_at_once(raw: bytes, post: Post) -> int:
        _hand_in(loop)(raw, post)
        raise SystemError("the power fails here")

    loop = asyncio.get_running_loop()
    with pytest.raises(SystemError):
        await asyncio.to_thread(_look, dovecot, user, dies_at_once)
    assert await asyncio.to_thread(_look, dovecot, user, _hand_in(loop)) == 0
    assert len(rows(WAITING)) == 1


async def test_of_two_workers_one_has_the_mailbox(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with _watched(dovecot, user), _watched(dovecot, user):
        for number in range(10):
            dovecot.put(user, mail(f"Number {number}\n", Message_ID=f"<{number}@customer.example>"))
        await _kept(10)
        await asyncio.sleep(0.5)
        assert dovecot.sessions() == 1
    assert len(rows(WAITING)) == 10


async def test_whoever_stops_hands_the_mailbox_on_at_once(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with _watched(dovecot, user):
        await _until(lambda: dovecot.sessions() == 1)
    dovecot.put(user, mail("Hello\n"))
    async with _watched(dovecot, user):
        await _kept(1)


async def test_what_is_durable_may_move_to_a_folder(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("One\n"))
    await asyncio.to_thread(_look, dovecot, user, _hand_in(asyncio.get_running_loop()))
    dovecot.put(user, mail("Two\n", Message_ID="<2@customer.example>"))
    async with _watched(dovecot, user, rules=Rules(most=100_000, done="Done")):
        await _until(lambda: len(dovecot.files(user, "Done")) == 2)
    assert not dovecot.files(user) and len(rows(WAITING)) == 2


async def test_in_place_of_a_mail_that_is_too_large_stands_one_that_says_so(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("x" * 300_000 + "\n", Subject="Photos"))
    async with _watched(dovecot, user):
        await _kept(1)
    await gateway.take_in()
    (conversation,) = read.all_conversations()
    (message,) = said(conversation)
    assert message.subject == "Photos" and "THROUGHLINE_MAIL_MAX" in message.text and "INBOX" in message.text


async def test_a_server_that_cannot_tell_is_asked(gateway: Gateway, services_folder: Path, user: str, monkeypatch) -> None:
    monkeypatch.setattr(imap, "POLL", 0.3)
    plain = Dovecot(services_folder / "dovecot-plain", capability="IMAP4rev1 UIDPLUS")
    try:
        async with _watched(plain, user, rules=Rules(most=100_000, done="Done")):
            plain.put(user, mail("One\n"))
            await _kept(1)
            plain.put(user, mail("Two\n", Message_ID="<2@customer.example>"))
            await _kept(2)
            await _until(lambda: len(plain.files(user, "Done")) == 2 and not plain.files(user))
    finally:
        plain.stop()


async def test_a_token_opens_the_mailbox_and_the_newest_refresh_token_is_kept(
    gateway: Gateway, services_folder: Path, tmp_path: Path
) -> None:
    tokens = TokenServer(user="nadia")
    server = Dovecot(services_folder / "dovecot-tokens", vouching=tokens.vouching_url)
    options = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "s", "refresh_token": "refresh-1"}
    try:
        server.put("nadia", mail("Hello\n"))
        account = Account(host="127.0.0.1", port=server.port, user="nadia", tls="none", tokens=Tokens(options, tmp_path))
        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(_look, server, "nadia", _hand_in(loop), account) == 1
        again = Tokens(options, tmp_path).token()
        assert again == "access-3" and tokens.asked[-1]["refresh_token"] == "refresh-2", "not the one of the setting, which is used up"
        assert (tmp_path / "imap-refresh-token").stat().st_mode & 0o777 == 0o600
        with pytest.raises(NoToken, match="not good any more"):
            Tokens(options, tmp_path / "elsewhere").token()
    finally:
        server.stop()
        tokens.stop()


def test_an_app_of_its_own_needs_no_refresh_token(tmp_path: Path) -> None:
    tokens = TokenServer()
    options = {"token_url": tokens.token_url, "client_id": "app", "client_secret": "s", "scope": "https://outlook.office365.com/.default"}
    ours = Tokens(options, tmp_path)
    assert ours.token() == ours.token() == "access-2", "asked once as long as it is good"
    ours.refused()
    assert ours.token() == "access-3"
    assert tokens.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "s",
        "scope": "https://outlook.office365.com/.default",
    }
    tokens.stop()
    with pytest.raises(NoToken, match="https"):
        Tokens(options | {"token_url": "http://login.example/token"}, tmp_path).token()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_password_goes_to_nobody_without_a_good_certificate(services_folder: Path, tls: str, monkeypatch) -> None:
    certificate = for_localhost(services_folder / f"certificate-{tls}")
    server = Dovecot(services_folder / f"dovecot-{tls}", certificate=(certificate.chain, certificate.key))
    port = server.tls_port if tls == "tls" else server.port
    account = Account(host="localhost", port=port, user="nadia", password=PASSWORD, tls=tls)
    try:
        with pytest.raises(imap_account.PROBLEMS, match="certificate"):
            await asyncio.to_thread(Session, account)
        assert "Login" not in server.log()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))
        session = await asyncio.to_thread(Session, account)
        assert session.open("INBOX")[0]
        session.close()
    finally:
        server.stop()


def _account(dovecot: Dovecot, user: str) -> Account:
    return Account(host="127.0.0.1", port=dovecot.port, user=user, password=PASSWORD, tls="none")


@asynccontextmanager
async def _watched(
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
    watch = Watch(_account(dovecot, user), folders or ["INBOX"], rules, hand_in=hand_in or _hand_in(loop))
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        await asyncio.to_thread(thread.join, 20)
        assert not thread.is_alive()


def _look(dovecot: Dovecot, user: str, hand_in: Callable[[bytes, Post], object], account: Account | None = None) -> int:
    """One look into the inbox, on this thread."""
    name = f"{user}@127.0.0.1:{dovecot.port}"
    fetched.hold(name, "test", seconds=1)
    session = Session(account or _account(dovecot, user))
    try:
        return Folder("INBOX", name, Rules(most=100_000), hand_in=hand_in, still_ours=lambda: None).look(session)
    finally:
        session.close()
        fetched.let_go(name, "test")


def _hand_in(loop: asyncio.AbstractEventLoop) -> Callable[[bytes, Post], int]:
    return lambda raw, post: asyncio.run_coroutine_threadsafe(inbound.hand_in(raw, post), loop).result(10)


def _person(dovecot: Dovecot, user: str) -> IMAPClient:
    client = IMAPClient("127.0.0.1", port=dovecot.port, ssl=False)
    client.login(user, PASSWORD)
    return client


async def _kept(count: int) -> list[received.Arrival]:
    """What waits once there are so many."""
    await _until(lambda: len(rows(WAITING)) >= count)
    found = rows(WAITING)
    assert len(found) == count
    return found


async def _until(holds: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not come to that in time."
        await asyncio.sleep(0.05)
