"""What goes out by mail: once, with the same Message-ID at every attempt, with the lines that were not seen, and to the right eyes only."""

from __future__ import annotations

import asyncio
import re
import time
from email.message import EmailMessage
from io import BytesIO

import pytest
from django.conf import settings

from chat.events.commitment import CommitmentMade
from chat.events.delivery import LinesMailed
from chat.events.handoff import HandoffAccepted, HandoffOffered
from chat.events.lifecycle import AddressConfirmed, ConversationMoved, ConversationOpened
from chat.events.participants import ParticipantJoined
from chat.events.talk import MessageSaid
from chat.ledger import blobs, deliveries, due, read
from chat.ledger.append import Command, Fact, Joins, Opens, append
from chat.ledger.event import AttachmentRef, Audience
from chat.people import links
from chat.people.models import Customer, Link, Site
from chat.transcripts import verifier
from chat.transcripts.transcript import render
from chat.transcripts.witness import heads_in, held_against
from mailgateway import caps, courier, send
from mailgateway.pace import Pace
from tests.mailgateway.gateway import TOM, Gateway, entries, kinds, reply, say
from tests.services import MailSink, free_port
from tests.services.ports import wait_until

pytestmark = pytest.mark.engine

AWAY_AFTER = 120
FRIDAY = 1_795_780_800_000_000


@pytest.fixture
async def chat(database: str) -> int:
    """Nadia chatted and told her address; nobody answered yet."""
    caps.unconfirmed.counter.forget()
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    nadia = Customer.objects.create(site=site, visitor="n" * 64, name="Nadia")
    opened = ConversationOpened(
        by="Nadia", customer=nadia.ref, subject="Dented shade", address="nadia@customer.example", away_after=AWAY_AFTER
    )
    facts = (
        Fact(conversation=77, body=opened, actor=nadia.ref, channel="widget", key="open"),
        Fact(conversation=77, body=MessageSaid(by="Nadia", text="My lamp has a dent."), actor=nadia.ref, channel="widget", key="k1"),
    )
    opens = Opens(conversation=77, site=site.pk, source="widget", key="k1")
    await append(Command(facts=facts, opens=opens, rows=(Joins(conversation=77, ref=nadia.ref),)))
    return 77


@pytest.fixture
def relay(mail_sink: MailSink):
    before = settings.RELAY
    settings.RELAY = f"127.0.0.1:{mail_sink.port}"
    yield mail_sink
    settings.RELAY = before


async def test_an_answer_goes_out_with_case_number_and_reply_address(chat: int, relay: MailSink) -> None:
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    assert await courier.carry_due() == 1
    (caught,) = relay.wait_for(1)
    mail = caught.message
    assert mail["Subject"] == "Your conversation with Brindle Lamps [BR-1]", "the first words of a chat are not for an unproven address"
    assert str(mail["From"]) == '"Tom, Brindle Lamps" <support@support.example>'
    assert "support+" in mail["Reply-To"]
    assert caught.sender.startswith("bounces+")
    assert "We refund EUR 40." in mail.get_body(("plain",)).get_content()
    sent = entries(chat)[-1]
    assert (sent.kind, sent.values["of"], sent.values["said"]) == ("mail.sent", 3, "kept")
    assert await courier.carry_due() == 0


async def test_a_mail_that_is_not_taken_is_tried_again_with_the_same_message_id(chat: int, relay: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(courier, "RETRIES", (0,))
    relay.refuse = "451 4.2.0 Greylisted"
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    await courier.carry_due()
    assert entries(chat)[-1].kind == "mail.delayed"
    assert "Greylisted" in entries(chat)[-1].values["said"]
    relay.refuse = ""
    await courier.carry_due()
    (caught,) = relay.wait_for(1)
    assert entries(chat)[-1].kind == "mail.sent"
    stored = read.named("message-id", [str(caught.message["Message-ID"]).strip("<>")])
    assert [place[0] for place in stored.values()] == [chat]


async def test_a_link_is_named_in_the_record_once_before_its_mail_goes(chat: int, relay: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(courier, "RETRIES", (0,))
    relay.refuse = "451 4.2.0 Greylisted"
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    await courier.carry_due()
    relay.refuse = ""
    await courier.carry_due()
    assert kinds(chat)[-3:] == ["link.issued", "mail.delayed", "mail.sent"]
    (link,) = Link.objects.all()
    told = entries(chat)[-3].values
    assert (told["link"], told["to"]) == (link.digest[:16], read.head(chat).state.customer.ref)
    assert told["until"] == int(link.expires_at.timestamp() * 1_000_000)
    text = relay.wait_for(1)[0].message.get_body(("plain",)).get_content()
    secret = re.search(r"/r/#(\S+)", text)
    assert secret and links.find(secret[1]) == link
    await say(chat, MessageSaid(by="Tom", text="One more."), key="a2")
    await courier.carry_due()
    assert kinds(chat).count("link.issued") == Link.objects.count() == 2, "each mail has a link of its own"


async def test_a_mail_that_is_refused_for_good_is_called_bounced(chat: int, relay: MailSink) -> None:
    relay.refuse = "554 5.7.1 We do not want this"
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    await courier.carry_due()
    assert entries(chat)[-1].kind == "mail.bounced"
    assert read.head(chat).state.bounced
    assert await courier.carry_due() == 0


async def test_a_relay_that_is_away_delays_and_never_bounces(chat: int, monkeypatch) -> None:
    monkeypatch.setattr(settings, "RELAY", "127.0.0.1:9")
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    await courier.carry_due()
    assert entries(chat)[-1].kind == "mail.delayed"
    parcel = deliveries.of(chat, 3, "email")
    assert parcel is not None
    assert (parcel.state, parcel.attempt) == ("delayed", 1)
    assert deliveries.next_at("email") > time.time_ns() // 1000


def test_attempts_come_later_and_later() -> None:
    waits = [courier.wait_after(attempt) for attempt in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[:4] == [60, 300, 900, 3600]
    assert waits[-1] == 3600


async def test_unseen_lines_go_in_one_mail_when_the_customer_has_left(chat: int, relay: MailSink) -> None:
    await say(chat, MessageSaid(by="Tom", text="Could you send a photo?"), key="a1", channel="widget")
    await say(chat, MessageSaid(by="Tom", text="The left side, please."), key="a2", channel="widget")
    assert await due.ring_due(time.time_ns() // 1000) == 0
    assert await due.ring_due(time.time_ns() // 1000 + (AWAY_AFTER + 5) * 1_000_000) == 1
    assert kinds(chat)[-1] == "lines.mailed"
    assert entries(chat)[-1].values["lines"] == [3, 4]
    await courier.carry_due()
    (caught,) = relay.wait_for(1)
    text = caught.message.get_body(("plain",)).get_content()
    assert text.index("Could you send a photo?") < text.index("The left side, please.")
    assert "My lamp has a dent." not in text
    assert await due.ring_due(time.time_ns() // 1000 + 10**12) == 0


async def test_no_mail_goes_when_the_customer_came_back_in_time(chat: int) -> None:
    from chat.events.talk import MessageSeen

    await say(chat, MessageSaid(by="Tom", text="Could you send a photo?"), key="a1", channel="widget")
    nadia = read.head(chat).state.customer.ref
    await say(chat, MessageSeen(by="Nadia", upto=3), key="s1", channel="widget", actor=nadia)
    assert await due.ring_due(time.time_ns() // 1000 + 10**12) == 0
    assert "lines.mailed" not in kinds(chat)


async def test_history_and_files_go_to_a_confirmed_address_only(chat: int, relay: MailSink) -> None:
    nadia = read.head(chat).state.customer.ref
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    await courier.carry_due()
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    await say(chat, MessageSaid(by="Tom", text="It is done."), key="a2")
    await courier.carry_due()
    first, second = (mail.message.get_body(("plain",)).get_content() for mail in relay.wait_for(2))
    assert relay.mails[1].message["Subject"] == "Re: Dented shade [BR-1]"
    assert "My lamp has a dent." not in first
    assert "> My lamp has a dent." in second


async def test_somebody_in_copy_gets_the_answer_alone_at_an_address_of_their_own(chat: int, relay: MailSink) -> None:
    nadia = read.head(chat).state.customer.ref
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    joined = ParticipantJoined(by="Nadia", who="customer:57", shown_name="Paul", address="paul@customer.example")
    await say(chat, joined, key="j", actor="system")
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40.", also=("customer:57",), also_names=("Paul",)), key="a1")
    await courier.carry_due()
    mails = {caught.recipients[0]: caught.message for caught in relay.wait_for(2)}
    hers, his = mails["nadia@customer.example"], mails["paul@customer.example"]
    assert hers["Reply-To"] != his["Reply-To"]
    assert hers["Message-ID"] != his["Message-ID"]
    text = his.get_body(("plain",)).get_content()
    assert "We refund EUR 40." in text
    assert "My lamp has a dent." not in text and "Dented" not in his["Subject"]
    assert "/r/#" not in text and "/r/#" not in his.get_body(("html",)).get_content()
    assert "/r/#" in hers.get_body(("plain",)).get_content()
    assert kinds(chat).count("link.issued") == 1


async def test_a_file_that_is_too_large_is_named_and_stays_behind_the_link(chat: int, relay: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(settings, "MAIL_FILES_MAX", 150_000)
    nadia = read.head(chat).state.customer.ref
    await say(chat, AddressConfirmed(by="Nadia", address="nadia@customer.example", how="code"), key="c", channel="widget", actor=nadia)
    small, large = b"s" * 1000, b"l" * 200_000
    files = tuple(
        AttachmentRef(name=name, media_type="text/plain", size=len(content), digest=blobs.store(content))
        for name, content in (("plan.txt", large), ("terms.txt", small))
    )
    await say(chat, MessageSaid(by="Tom", text="Two files.", attachments=files), key="a1")
    await courier.carry_due()
    mail = relay.wait_for(1)[0].message
    assert [part.get_filename() for part in mail.iter_attachments()] == ["terms.txt"]
    assert "not sent with this e-mail:\n  * plan.txt (0.2 MB)" in text_of(mail)


async def test_references_name_the_first_mail_and_the_latest(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    for number in range(22):
        await gateway.answer(conversation, f"Line {number}.")
        await courier.carry_due()
    mails = await gateway.mails_out()
    assert mails[-1]["References"] == mails[-1]["In-Reply-To"] == "<n1@customer.example>", "what we wrote in between is not what we answer"
    await gateway.bring(reply(mails[-1]))
    await gateway.answer(conversation, "You are welcome.")
    last = await gateway.last_mail()
    ours = [str(mail["Message-ID"]) for mail in mails]
    assert str(last["References"]).split() == ["<n1@customer.example>", *ours[-19:], "<reply-1@customer.example>"]
    assert last["In-Reply-To"] == "<reply-1@customer.example>", "the latest of theirs is what we answer"


async def test_a_customer_who_writes_german_is_answered_in_german(gateway: Gateway) -> None:
    await gateway.opened("Hallo, meine Lampe hat eine Delle. Können Sie mir bitte helfen?\n")
    text = (await gateway.last_mail()).get_body(("plain",)).get_content()
    assert "Ihre E-Mail ist angekommen" in text
    assert "Antworten Sie einfach auf diese E-Mail" in text


async def test_moving_to_mail_takes_unseen_lines_the_reason_and_the_hand_over_along(chat: int, relay: MailSink) -> None:
    await say(chat, MessageSaid(by="Tom", text="One moment."), key="a1", channel="widget")
    await say(chat, HandoffOffered(by="Tom", to="agent:4", to_name="Ines", reason="Ines pays refunds."), key="h1", channel="inbox")
    await say(chat, HandoffAccepted(by="Ines", from_name="Tom"), key="h2", channel="inbox", actor="agent:4")
    moved = ConversationMoved(by="Ines", address="nadia@customer.example", reason="The refund takes a day.", lines=(3,))
    await say(chat, moved, key="m", actor="agent:4")
    await courier.carry_due()
    (caught,) = relay.wait_for(1)
    text = caught.message.get_body(("plain",)).get_content()
    for words in ("One moment.", "The refund takes a day.", "Tom passed you to Ines.", "Ines pays refunds.", "/r/#"):
        assert words in text


async def test_an_address_nobody_confirmed_learns_nothing_of_what_was_before(chat: int, relay: MailSink) -> None:
    promised = CommitmentMade(by="Tom", text="A call from our doctor", due=FRIDAY)
    await say(chat, promised, key="p1", channel="inbox")
    await say(chat, HandoffOffered(by="Tom", to="agent:4", to_name="Ines", reason="Her illness is our topic."), key="h1", channel="inbox")
    await say(chat, MessageSaid(by="Tom", text="One moment."), key="a1", channel="widget")
    await say(chat, CommitmentMade(by="Tom", text="Refund of EUR 40", due=FRIDAY), key="p2", channel="inbox")
    await say(chat, LinesMailed(lines=(5,), to="nadia@customer.example"), key="l", actor="system")
    await courier.carry_due()
    (caught,) = relay.wait_for(1)
    text = caught.message.get_body(("plain",)).get_content()
    assert "One moment." in text and "Refund of EUR 40" in text
    assert "doctor" not in text and "illness" not in text


async def test_a_typed_address_cannot_be_flooded(chat: int, relay: MailSink, monkeypatch) -> None:
    monkeypatch.setattr(caps, "unconfirmed", caps.Cap("unconfirmed", 2))
    for number in range(3):
        await say(chat, MessageSaid(by="Tom", text=f"Line {number}."), key=f"a{number}")
    await courier.carry_due()
    assert len(relay.wait_for(2)) == 2
    assert (entries(chat)[-1].kind, entries(chat)[-1].values["said"]) == ("mail.delayed", courier.TOO_MANY)


async def test_without_a_relay_mail_is_kept_in_the_local_mailbox_once(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    (mail,) = await gateway.mails_out()
    assert mail["To"] == "Nadia Lang <nadia@customer.example>"
    assert len(await gateway.mails_out()) == 1
    assert entries(conversation)[-1].kind == "mail.sent"


async def test_a_mail_written_twice_is_the_same_mail(chat: int) -> None:
    from mailgateway import writing

    await say(chat, LinesMailed(lines=(2,), to="nadia@customer.example"), key="l", actor="system")
    (parcel,) = deliveries.take("email", limit=1, lease=0)
    first, second = writing.write(parcel), writing.write(parcel)
    assert first.identifier == second.identifier
    assert first.sender == second.sender
    strip = [line for line in first.raw.splitlines() if b"boundary" not in line and b"--=" not in line]
    assert strip == [line for line in second.raw.splitlines() if b"boundary" not in line and b"--=" not in line]


async def test_a_mail_says_where_the_record_stood_and_the_record_agrees(chat: int, relay: MailSink) -> None:
    said = await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    assert await courier.carry_due() == 1
    (mail,) = relay.wait_for()
    assert f"\r\nThroughline-Seal: {'0' * 64}\r\n".encode() in re.sub(rb"(?<=Seal: )[0-9a-f]{64}", b"0" * 64, mail.raw)
    head, chain = verifier.record(render("json", chat, audience=Audience.EVERYONE))
    (heard,) = held_against(heads_in(BytesIO(mail.raw), "mail"), str(chat), bytes(chain.seals), head["proof"]["keys"])
    assert (heard.said.position, heard.problem) == (said.position, "")
    assert heard.signed is not None


async def test_sending_says_what_the_relay_said(relay: MailSink) -> None:
    outgoing = send.Outgoing(raw=b"Subject: x\r\n\r\n", sender="a@b.example", to="c@d.example", identifier="i", subject="x", conversation=0)
    assert await send.send(outgoing) == send.Outcome("sent", "kept")


async def test_a_domain_that_does_not_answer_holds_up_nobody_else(database: str, relay: MailSink) -> None:
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    relay.slow = "slow.example"
    for number in range(12):
        await begun(site, 100 + number, f"nadia{number}@slow.example")
    await begun(site, 200, "omar@quick.example")
    working = asyncio.create_task(courier.carry_due())
    (caught,) = await asyncio.to_thread(relay.wait_for, 1)
    assert caught.recipients == ["omar@quick.example"]
    relay.go_on.set()
    assert await working == 13
    assert kinds(200)[-1] == "mail.sent"
    waiting = [deliveries.of(100 + number, 3, "email") for number in range(12)]
    assert {(parcel.state, parcel.attempt) for parcel in waiting if parcel} == {("sent", 1), ("queued", 0)}, "none was tried in vain"


async def test_a_relay_that_is_away_for_three_days_loses_nothing(database: str, relay: MailSink, monkeypatch) -> None:
    site = Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{free_port()}")
    for number in range(5):
        await begun(site, 100 + number, "nadia@customer.example")
    clock = Clock()
    carrying = courier.Courier(clock=clock)
    for _ in range(72):
        carrying._pace = Pace()
        await carrying.fill()
        await carrying.all_done()
        clock.now += 3600
    assert kinds(100).count("mail.delayed") <= 8, "a record is not filled with attempts"
    assert not read.head(100).state.bounced
    monkeypatch.setattr(settings, "RELAY", f"127.0.0.1:{relay.port}")
    carrying._pace = Pace()
    while await carrying.fill():
        await carrying.all_done()
    await carrying.end()
    assert len(relay.mails) == 5
    assert [kinds(100 + number)[-1] for number in range(5)] == ["mail.sent"] * 5


async def test_a_mail_that_their_server_puts_off_is_given_up_after_two_days(chat: int, relay: MailSink) -> None:
    relay.refuse_to = {"customer.example": "450 4.2.0 Greylisted"}
    await say(chat, MessageSaid(by="Tom", text="Hello."), key="a1")
    clock = Clock()
    carrying = courier.Courier(clock=clock)
    attempts = 0
    while kinds(chat)[-1] != "mail.bounced":
        carrying._pace = Pace()
        attempts += await carrying.fill()
        await carrying.all_done()
        clock.now += 600
        assert clock.now - clock.began < 50 * 3600
    await carrying.end()
    assert 45 <= attempts <= 56
    assert "Given up after 48 hours: 450 4.2.0 Greylisted" in entries(chat)[-1].values["said"]


async def test_a_courier_that_dies_after_the_relay_said_yes_sends_the_same_mail_again_and_the_record_says_it_once(
    chat: int, relay: MailSink, monkeypatch
) -> None:
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    relay.slow = "customer.example"
    working = asyncio.create_task(courier.carry_due())
    await asyncio.to_thread(wait_until, lambda: relay.visits == 1)
    await asyncio.sleep(0.2)
    working.cancel()
    monkeypatch.setattr(courier, "ENDING", 0)
    await asyncio.gather(working, return_exceptions=True)
    relay.go_on.set()
    relay.wait_for(1)
    assert "mail.sent" not in kinds(chat), "nobody came to write it down"
    clock = Clock()
    clock.now += courier.LEASE + 1
    carrying = courier.Courier(clock=clock)
    assert await carrying.fill() == 1
    await carrying.all_done()
    await carrying.end()
    first, second = relay.wait_for(2)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.sender == second.sender
    assert kinds(chat).count("mail.sent") == kinds(chat).count("link.issued") == 1


async def begun(site: Site, conversation: int, address: str) -> None:
    """A conversation with an answer that waits to be mailed to this address."""
    nadia = Customer.objects.create(site=site, visitor=f"{conversation:064}", name="Nadia")
    opened = ConversationOpened(by="Nadia", customer=nadia.ref, subject="Dented shade", address=address)
    said = MessageSaid(by="Nadia", text="My lamp has a dent.")
    facts = (
        Fact(conversation=conversation, body=opened, actor=nadia.ref, channel="widget", key="open"),
        Fact(conversation=conversation, body=said, actor=nadia.ref, channel="widget", key="k1"),
        Fact(conversation=conversation, body=MessageSaid(by="Tom", text="Hello."), actor=TOM, channel="email", key="a1"),
    )
    opens = Opens(conversation=conversation, site=site.pk, source="widget", key=f"k{conversation}")
    await append(Command(facts=facts, opens=opens, rows=(Joins(conversation=conversation, ref=nadia.ref),)))


def text_of(mail: EmailMessage) -> str:
    text: str = mail.get_body(("plain",)).get_content()
    return text.replace("\r\n", "\n")


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.began = self.now = time.time()

    def __call__(self) -> float:
        return self.now
