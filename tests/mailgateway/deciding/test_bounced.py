"""Reports about our mails find their mail, say what became of it, move nothing else, and pause the address in the end."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage

import pytest

from chat.actions.access import Who
from chat.actions.action import perform
from chat.events.delivery import MailBounced, MailPaused
from chat.ledger import deliveries, read
from chat.ledger.keeping import DAY
from chat.ledger.received import QUARANTINED
from chat.people import pausing
from mailgateway import channel
from mailgateway.deciding import caps
from tests.mailgateway.gateway import Gateway, entries, kinds, reply, rows, tag_of
from tests.mailgateway.mails import mail
from tests.mailgateway.written_reports import complaint, dsn, free_form

pytestmark = pytest.mark.engine
UNCHANGED = (
    "status",
    "waiting_since",
    "last_word",
    "seen",
    "snoozed_until",
    "dues",
    "first_answer_at",
    "assignee",
    "customer",
    "keep_from",
)


async def _answered(gateway: Gateway):
    """Nadia wrote, Tom answered by mail; the conversation, his letter, and the address to which a report about it comes back."""
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    return conversation, letter, str(letter["Return-Path"] or "")


def _bounces(conversation: int) -> list[MailBounced]:
    return [entry.body for entry in entries(conversation) if isinstance(entry.body, MailBounced)]


def _envelope_sender() -> str:
    from chat.ledger import received

    return str(received.listed("local-mailbox", "kept")[0].envelope["sender"])


@pytest.mark.parametrize("way", ["envelope", "returned header", "quoted text", "hidden in base64", "reply address", "recipient"])
async def test_the_mail_that_bounced_is_found_by_any_sign_of_it(gateway: Gateway, way: str) -> None:
    conversation, letter, _ = await _answered(gateway)
    answer = next(entry.position for entry in entries(conversation) if entry.actor == "agent:3")
    to = _envelope_sender() if way == "envelope" else "support@support.example"
    raw = {
        "envelope": dsn(),
        "returned header": dsn(below=f"Message-ID: {letter['Message-ID']}\r\n"),
        "quoted text": free_form(letter),
        "hidden in base64": mail(
            base64.encodebytes(f"Your message could not be delivered to nadia@customer.example: {letter['Message-ID']}".encode()).decode(),
            From="postmaster@mx.customer.example",
            Subject="Undeliverable: Lamp",
            Content_Type="text/plain",
            Content_Transfer_Encoding="base64",
        ),
        "reply address": dsn(below=f"Reply-To: {letter['Reply-To']}\r\n"),
        "recipient": dsn(),
    }[way]
    await gateway.bring(raw, to=to, sender="")
    (bounced,) = _bounces(conversation)
    assert bounced.of == answer
    parcel = deliveries.of(conversation, answer, channel.NAME)
    assert parcel is not None
    assert parcel.state == deliveries.BOUNCED
    assert read.head(conversation).state.bounced


@pytest.mark.parametrize("end", ["open", "snoozed", "closed"])
async def test_no_automatic_mail_moves_a_clock_a_queue_or_the_last_word(gateway: Gateway, end: str) -> None:
    conversation, letter, _ = await _answered(gateway)
    if end != "open":
        tom = Who(ref="agent:3", name="Tom", side="agents", role="agent", sites=frozenset({gateway.site.pk}))
        form = {"outcome": "Answered."} if end == "closed" else {"until": time.time_ns() // 1000 + DAY}
        await perform(tom, "close" if end == "closed" else "snooze", form, key=end, channel="inbox", conversation=conversation)
    mails, sender = len(await gateway.mails_out()), _envelope_sender()
    for kind, (raw, to) in _automatic(letter, sender).items():
        before = read.head(conversation).state
        await gateway.bring(raw, to=to, sender="")
        after = read.head(conversation).state
        assert {name: getattr(after, name) for name in UNCHANGED} == {name: getattr(before, name) for name in UNCHANGED}, kind
        assert after.position > before.position, f"{kind} is kept in the record"
        assert after.bounced == (kind in ("bounce", "complaint")), kind
        assert len(await gateway.mails_out()) == mails, f"{kind} is answered by nobody"
    assert len(read.all_conversations()) == 1
    assert not rows(QUARANTINED)


def _automatic(letter: EmailMessage, sender: str) -> dict[str, tuple[bytes, str]]:
    """Every kind of automatic mail about a letter of ours, and where it is sent."""
    tag, here = tag_of(letter), "support@support.example"
    receipt = mail(
        "--b\r\nContent-Type: text/plain\r\n\r\nShown.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        "Final-Recipient: rfc822;nadia@customer.example\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n",
        MIME_Version="1.0",
        Content_Type='multipart/report; report-type=disposition-notification; boundary="b"',
        Message_ID="<mdn@customer.example>",
    )
    asks = "Click here to confirm that you are a human sender.\n"
    return {
        "away": (reply(letter, "I am away.\n", Auto_Submitted="auto-replied"), tag),
        "receipt": (receipt, tag),
        "challenge": (reply(letter, asks, number=2, Subject="Please confirm your message", Precedence="bulk"), tag),
        "echo": (letter.as_bytes().replace(b"Message-ID: <", b"Message-ID: <moved."), here),
        "not-spam": (complaint(letter, feedback="not-spam"), here),
        "delay": (dsn(action="delayed", status="4.4.1", said="Greylisted"), sender),
        "delivered": (dsn(action="delivered", status="2.0.0", said="250 Ok"), sender),
        "bounce": (dsn(), sender),
        "complaint": (complaint(letter).replace(b"<fbl@", b"<fbl2@"), here),
    }


async def test_a_report_about_nobodys_mail_is_set_aside_where_people_see_it(gateway: Gateway) -> None:
    await gateway.bring(dsn(to="somebody@else.example"), sender="")
    assert "nobody here knows" in rows(QUARANTINED)[0].reason
    assert not read.all_conversations()


async def test_their_server_took_it_and_later_bounced_it(gateway: Gateway) -> None:
    conversation, _, _ = await _answered(gateway)
    to = _envelope_sender()
    await gateway.bring(dsn(action="relayed", status="2.0.0", said="250 2.0.0 Ok"), to=to, sender="")
    assert kinds(conversation)[-1] == "mail.accepted"
    await gateway.bring(dsn(action="delayed", status="4.4.1", said="Greylisted"), to=to, sender="")
    assert kinds(conversation)[-1] == "automatic.received", "the report of the delay took longer than the mail"
    await gateway.bring(dsn(), to=to, sender="")
    assert kinds(conversation)[-1] == "mail.bounced"
    await gateway.bring(dsn(action="delivered", status="2.0.0", said="late"), to=to, sender="")
    assert kinds(conversation)[-1] == "automatic.received", "what came too late changes nothing"
    assert read.head(conversation).state.bounced


async def test_success_that_only_names_an_address_is_not_believed_and_floods_of_reports_are_set_aside(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "notes", caps.Cap("notes", 3))
    conversation, _, _ = await _answered(gateway)
    for number in range(5):
        raw = dsn(action="delivered", status="2.0.0", said=f"250 Ok {number}", below=f"X-Number: {number}\r\n")
        await gateway.bring(raw, sender="")
    assert kinds(conversation).count("mail.accepted") == 0
    assert kinds(conversation).count("automatic.received") == 3
    assert len(rows(QUARANTINED)) == 2


async def test_two_hard_bounces_pause_the_address_and_an_agent_sends_again(gateway: Gateway) -> None:
    conversation, _, _ = await _answered(gateway)
    await gateway.bring(dsn(), to=_envelope_sender(), sender="")
    assert not pausing.paused(gateway.site.pk, "nadia@customer.example")
    await gateway.answer(conversation, "Did you get this?")
    await gateway.mails_out()
    await gateway.bring(dsn(said="550 5.1.1 Still nobody"), to=_envelope_sender(), sender="")
    assert kinds(conversation)[-2:] == ["mail.bounced", "mail.paused"]
    (paused,) = (entry.body for entry in entries(conversation) if isinstance(entry.body, MailPaused))
    assert (paused.to, paused.why) == ("nadia@customer.example", "hard")
    sent = len(await gateway.mails_out())
    await gateway.answer(conversation, "One more.")
    assert len(await gateway.mails_out()) == sent, "nothing goes out any more"
    held = _bounces(conversation)[-1]
    assert (held.to, "paused" in held.said, held.hard) == ("nadia@customer.example", True, False)
    tom = Who(ref="agent:3", name="Tom", side="agents", role="agent", sites=frozenset({gateway.site.pk}))
    await perform(tom, "send_again", {}, key="again", channel="inbox", conversation=conversation)
    assert not read.head(conversation).state.bounced
    assert "One more." in (await gateway.last_mail()).get_body(("plain",)).get_content()
    assert kinds(conversation)[-1] == "mail.sent"


async def test_a_complaint_pauses_at_once_and_no_report_that_only_names_an_address_ever_does(gateway: Gateway) -> None:
    conversation, letter, _ = await _answered(gateway)
    for number in range(3):
        await gateway.bring(dsn(said=f"550 {number}", below=f"X-Number: {number}\r\n"), sender="")
    assert not pausing.paused(gateway.site.pk, "nadia@customer.example"), "anybody could have written these"
    await gateway.bring(complaint(letter), sender="")
    assert pausing.paused(gateway.site.pk, "nadia@customer.example") == "complaint"
    assert kinds(conversation)[-2:] == ["mail.complained", "mail.paused"]


async def test_who_writes_is_there_again(gateway: Gateway) -> None:
    conversation, letter, _ = await _answered(gateway)
    for position in (7, 8):
        pausing.note(gateway.site.pk, "nadia@customer.example", "hard", conversation=conversation, position=position)
    assert pausing.paused(gateway.site.pk, "nadia@customer.example") == "hard"
    await gateway.bring(reply(letter, "I am here again.\n"), to=tag_of(letter))
    assert not pausing.paused(gateway.site.pk, "nadia@customer.example")


async def test_machines_that_answer_each_other_without_a_header_are_stopped_in_one_conversation(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caps, "in_one", caps.Cap("in one", 4))
    conversation, letter, _ = await _answered(gateway)
    for number in range(7):
        await gateway.bring(reply(letter, f"Thank you for your message number {number}.\n", number=number), to=tag_of(letter))
    assert sum(1 for kind in kinds(conversation) if kind == "message.said") == 2 + 4
    assert "two machines" in rows(QUARANTINED)[0].reason
    for cap in caps.EVERY:
        cap.counter.forget()
    await gateway.bring(reply(letter, "Once more.\n", number=99), to=tag_of(letter))
    assert len(rows(QUARANTINED)) == 4, "a new process knows what the old one counted"


async def test_automatic_mail_fills_no_record(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "notes", caps.Cap("notes", 3))
    conversation, letter, _ = await _answered(gateway)
    for number in range(5):
        away = reply(letter, f"I am away, {number}.\n", number=number, Auto_Submitted="auto-replied")
        await gateway.bring(away, to=tag_of(letter))
    assert kinds(conversation).count("automatic.received") == 3
    assert len(rows(QUARANTINED)) == 2
