"""What goes out by mail: once, with the same Message-ID at every attempt, with the lines that were not seen, and to the right eyes only."""

from __future__ import annotations

import asyncio
import re
import time
from io import BytesIO

import pytest
from django.conf import settings
from django.db import OperationalError

from chat.events.commitment import CommitmentMade
from chat.events.delivery import LinesMailed
from chat.events.handoff import HandoffAccepted, HandoffOffered
from chat.events.lifecycle import AddressConfirmed, ConversationMoved
from chat.events.talk import MessageSaid
from chat.ledger import deliveries, due, read
from chat.ledger.append import Busy, Command, Receipt, append
from chat.ledger.event import Audience
from chat.people import links
from chat.people.models import Link
from chat.transcripts import verifier
from chat.transcripts.transcript import render
from chat.transcripts.witness import heads_in, held_against
from mailgateway import courier, send
from mailgateway.deciding import caps
from tests.mailgateway.gateway import Gateway, entries, kinds, say
from tests.services import MailSink

pytestmark = pytest.mark.engine

AWAY_AFTER = 120
FRIDAY = 1_795_780_800_000_000


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


async def test_a_mail_in_hand_is_not_taken_again_when_the_clock_jumps(chat: int, relay: MailSink) -> None:
    relay.mute = True
    ahead = 0.0
    hand = courier.Courier(clock=lambda: time.time() + ahead)
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    assert await hand.fill() == 1
    await asyncio.to_thread(relay.wait_for, 1)
    ahead = 3600.0
    assert await hand.fill() == 0
    relay.go_on.set()
    await hand.all_done()
    await hand.end()
    assert len(relay.mails) == kinds(chat).count("mail.sent") == 1


async def test_a_mail_that_left_while_the_store_was_away_is_written_down_later_and_not_sent_again(
    chat: int, relay: MailSink, monkeypatch
) -> None:
    away = iter([*[Busy("away")] * 8, OperationalError("away")])

    async def appended(command: Command) -> Receipt:
        problem = next(away, None) if command.rows else None
        if problem:
            raise problem
        return await append(command)

    monkeypatch.setattr(courier, "append", appended)
    monkeypatch.setattr(courier, "PAUSES", (0.0,))
    await say(chat, MessageSaid(by="Tom", text="We refund EUR 40."), key="a1")
    assert await courier.carry_due() == 1
    assert next(away, None) is None
    assert len(relay.mails) == kinds(chat).count("mail.sent") == 1


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
    from mailgateway.sending import writing

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
