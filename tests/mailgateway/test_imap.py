"""A mailbox elsewhere is watched: every mail that comes there is one event here, whatever people, servers and lines do meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from chat.ledger import read, received
from chat.ledger.received import WAITING
from mailgateway import imap
from mailgateway.doors.imap_folder import Rules
from mailgateway.inbound import Post
from tests.mailgateway.gateway import Gateway, reply, rows, said, tag_of
from tests.mailgateway.mailboxes import breaking_line, handing_in, kept, look, person, until, watched
from tests.mailgateway.mails import mail
from tests.services.dovecot import Dovecot

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
    monkeypatch.setattr(imap, "POLL", 3.0)


async def test_a_mail_is_taken_when_it_comes_and_stays_unread(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with watched(dovecot, user):
        await until(lambda: dovecot.sessions() > 0)
        dovecot.put(user, mail("Where is my parcel?\n", Delivered_To="support@support.example", Return_Path="<nadia@customer.example>"))
        (arrival,) = await kept(1)
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
    async with watched(dovecot, user):
        await kept(1)
    await gateway.take_in()
    assert [each.text for each in said(conversation)][-1] == "Thank you!"


async def test_what_lay_there_long_before_is_left_alone(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Long ago\n"), came=time.time() - 5 * DAY)
    dovecot.put(user, mail("This morning\n"))
    async with watched(dovecot, user):
        (arrival,) = await kept(1)
    assert b"This morning" in received.content(arrival)


async def test_new_numbers_double_nothing_and_miss_nothing(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    for number in range(3):
        dovecot.put(user, mail(f"Before {number}\n"))
    async with watched(dovecot, user):
        await kept(3)
    dovecot.put(user, mail("Meanwhile\n"))
    dovecot.number_anew(user)
    async with watched(dovecot, user):
        await kept(4)
        dovecot.put(user, mail("Afterwards\n"))
        arrivals = await kept(5)
    assert len({arrival.digest for arrival in arrivals}) == 5


async def test_people_may_read_move_and_flag_what_they_like(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Read by a person\n"))
    with person(dovecot, user) as client:
        client.select_folder("INBOX")
        client.add_flags([1], [rb"\Seen", rb"\Flagged"])
    async with watched(dovecot, user, folders=["INBOX", "Done"]):
        await kept(1)
        with person(dovecot, user) as client:
            client.select_folder("INBOX")
            client.move([1], "Done")
            client.select_folder("Done")
            client.move([1], "INBOX")
        dovecot.put(user, mail("And another\n"))
        arrivals = await kept(2)
    assert sorted(b"another" in received.content(arrival) for arrival in arrivals) == [False, True]


async def test_a_line_that_breaks_is_taken_up_again(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with watched(dovecot, user):
        for number in range(3):
            await until(lambda: dovecot.sessions() > 0)
            dovecot.cut()
            dovecot.put(user, mail(f"Number {number}\n", Message_ID=f"<{number}@customer.example>"))
            await kept(number + 1)


async def test_a_line_that_breaks_now_and_then_is_taken_up_as_soon_each_time(
    gateway: Gateway, dovecot: Dovecot, user: str, monkeypatch
) -> None:
    monkeypatch.setattr(imap, "BACK_OFF", (0.1, 0.1, 60.0))
    async with watched(dovecot, user):
        for number in range(4):
            dovecot.put(user, mail(f"Number {number}\n", Message_ID=f"<{number}@customer.example>"))
            await kept(number + 1)
            await until(lambda: dovecot.sessions() > 0)
            await asyncio.sleep(0.3)
            dovecot.cut()


async def test_a_mail_that_brings_the_line_down_holds_up_no_other(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("poison\n", Subject="A strange one"))
    dovecot.put(user, mail("And another\n", Message_ID="<2@customer.example>"))
    async with breaking_line(dovecot.port, at=b"poison") as port:
        async with watched(dovecot, user, port=port):
            both = sorted(received.content(arrival) for arrival in await kept(2))
    (other,) = [raw for raw in both if b"And another" in raw]
    (strange,) = [raw for raw in both if raw != other]
    assert b"Subject: A strange one" in strange and b"broke again and again" in strange


async def test_a_line_that_breaks_in_the_middle_of_a_mail_costs_nothing_but_time(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    bodies = [f"Number {number} " + "x" * 90_000 + "\r\n" for number in range(4)]
    for number, body in enumerate(bodies):
        dovecot.put(user, mail(body, Message_ID=f"<{number}@customer.example>"))
    async with breaking_line(dovecot.port, every=130_000) as port:
        async with watched(dovecot, user, port=port):
            arrivals = await kept(4)
    assert {received.content(arrival).partition(b"\r\n\r\n")[2] for arrival in arrivals} == {body.encode() for body in bodies}


async def test_a_mail_is_new_until_it_is_durable(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Where is my parcel?\n"))
    fails = iter([OSError("no room"), TimeoutError()])

    def hand_in(raw: bytes, post: Post) -> int:
        problem = next(fails, None)
        if problem:
            raise problem
        return handing_in(loop)(raw, post)

    loop = asyncio.get_running_loop()
    async with watched(dovecot, user, hand_in=hand_in):
        await kept(1)


async def test_one_that_was_durable_and_not_remembered_is_not_taken_twice(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("Where is my parcel?\n"))

    def dies_at_once(raw: bytes, post: Post) -> int:
        handing_in(loop)(raw, post)
        raise SystemError("the power fails here")

    loop = asyncio.get_running_loop()
    with pytest.raises(SystemError):
        await asyncio.to_thread(look, dovecot, user, dies_at_once)
    assert await asyncio.to_thread(look, dovecot, user, handing_in(loop)) == 0
    assert len(rows(WAITING)) == 1


async def test_of_two_workers_one_has_the_mailbox(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with watched(dovecot, user), watched(dovecot, user):
        for number in range(10):
            dovecot.put(user, mail(f"Number {number}\n", Message_ID=f"<{number}@customer.example>"))
        await kept(10)
        await asyncio.sleep(0.5)
        assert dovecot.sessions() == 1
    assert len(rows(WAITING)) == 10


async def test_whoever_stops_hands_the_mailbox_on_at_once(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    async with watched(dovecot, user):
        await until(lambda: dovecot.sessions() == 1)
    dovecot.put(user, mail("Hello\n"))
    async with watched(dovecot, user):
        await kept(1)


async def test_a_mailbox_that_nobody_can_look_into_is_told_of(gateway: Gateway, dovecot: Dovecot, user: str, monkeypatch) -> None:
    assert imap.trouble() == "", "none is set"
    monkeypatch.setattr(settings, "IMAP", ("127.0.0.1", dovecot.port))
    monkeypatch.setattr(settings, "IMAP_USER", user)
    assert "not looked into yet" in imap.trouble()
    async with watched(dovecot, user):
        await until(lambda: imap.trouble() == "")
    monkeypatch.setattr(imap, "LATE", 0)
    assert "not looked into for 0 min" in imap.trouble()


async def test_what_is_durable_may_move_to_a_folder(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("One\n"))
    await asyncio.to_thread(look, dovecot, user, handing_in(asyncio.get_running_loop()))
    dovecot.put(user, mail("Two\n", Message_ID="<2@customer.example>"))
    async with watched(dovecot, user, rules=Rules(most=100_000, done="Done")):
        await until(lambda: len(dovecot.files(user, "Done")) == 2 and not dovecot.files(user))
    assert len(rows(WAITING)) == 2


async def test_in_place_of_a_mail_that_is_too_large_stands_one_that_says_so(gateway: Gateway, dovecot: Dovecot, user: str) -> None:
    dovecot.put(user, mail("x" * 300_000 + "\n", Subject="Photos"))
    async with watched(dovecot, user):
        await kept(1)
    await gateway.take_in()
    (conversation,) = read.all_conversations()
    (message,) = said(conversation)
    assert message.subject == "Photos" and "THROUGHLINE_MAIL_MAX" in message.text and "INBOX" in message.text


async def test_a_server_that_cannot_tell_is_asked(gateway: Gateway, services_folder: Path, user: str, monkeypatch) -> None:
    monkeypatch.setattr(imap, "POLL", 0.3)
    plain = Dovecot(services_folder / "dovecot-plain", capability="IMAP4rev1 UIDPLUS")
    try:
        async with watched(plain, user, rules=Rules(most=100_000, done="Done")):
            plain.put(user, mail("One\n"))
            await kept(1)
            plain.put(user, mail("Two\n", Message_ID="<2@customer.example>"))
            await kept(2)
            await until(lambda: len(plain.files(user, "Done")) == 2 and not plain.files(user))
    finally:
        plain.stop()
