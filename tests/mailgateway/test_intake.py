"""What comes in by mail becomes an event once, in the right conversation, and nothing that comes in is lost or holds up the rest."""

from __future__ import annotations

import pytest

from chat.events.lifecycle import ConversationOpened
from chat.ledger import read
from chat.ledger.append import Command, Fact, Joins, Opens, append
from chat.ledger.received import QUARANTINED, TAKEN
from chat.people.models import Address, Customer
from mailgateway import addresses, intake
from mailgateway.deciding import by_hand
from mailgateway.proof import evidence
from mailgateway.reading.parser_process import ParserProcess
from tests.mailgateway.gateway import Gateway, entries, kinds, reply, rows, said, tag_of
from tests.mailgateway.mails import mail

pytestmark = pytest.mark.engine


async def test_a_mail_opens_a_conversation_and_is_acknowledged_once(gateway: Gateway) -> None:
    conversation = await gateway.opened("Where is my parcel?\n\nBest, Nadia\n", Subject="Parcel")
    assert kinds(conversation) == ["conversation.opened", "message.said", "receipt.acknowledged"]
    (body,) = said(conversation)
    assert body.text.startswith("Where is my parcel?")
    assert (body.by, body.address, body.subject, body.found_by, body.doubt) == ("Nadia Lang", "nadia@customer.example", "Parcel", "new", "")
    (receipt,) = await gateway.mails_out()
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["In-Reply-To"] == "<n1@customer.example>"
    assert receipt["Subject"] == "Re: Parcel [BR-1]"


async def test_the_same_mail_twice_is_one_event(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.bring(mail("Where is my parcel?\n"))
    await gateway.bring(b"Received: by another way\r\n" + mail("Where is my parcel?\n"))
    assert kinds(conversation).count("message.said") == 1
    assert read.all_conversations() == [conversation]
    assert len(rows(TAKEN)) == 3


async def test_a_mail_that_was_appended_before_a_crash_is_not_appended_again(gateway: Gateway) -> None:
    await gateway.post(mail())
    arrivals = await read.in_thread(lambda: intake.received.take("email", limit=5, lease=0))
    raw = await read.in_thread(intake.received.filed, arrivals[0])
    verdict = await intake._verdict(arrivals[0], raw, gateway.parser)
    await intake._written(verdict)
    # Here the process dies: the row still waits.
    await gateway.take_in()
    (conversation,) = read.all_conversations()
    assert kinds(conversation).count("message.said") == 1
    assert rows(TAKEN)[0].conversation == conversation


async def test_a_reply_keeps_its_thread_and_folds_what_it_quotes(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await gateway.bring(reply(letter, "Thank you, Tom!\n"), to=tag_of(letter))
    body = said(conversation)[-1]
    assert body.text == "Thank you, Tom!"
    assert "It left this morning." in body.quoted
    assert (body.found_by, body.doubt) == ("reply-address", "")
    assert "/r/#" not in body.quoted


@pytest.mark.parametrize(
    ("change", "found_by", "doubt"),
    [
        (lambda a: a, "reply-address", ""),
        (lambda a: a.upper(), "reply-address", ""),
        (lambda a: a.lower(), "reply-address", ""),
        (lambda a: a.partition("+")[0] + "@support.example", "references", "unconfirmed"),
        (lambda a: a[:20] + ("b" if a[20] != "b" else "c") + a[21:], "references", "altered"),
        (lambda a: a[:20] + a[21:], "references", "altered"),
        (lambda a: a.replace("+", ""), "references", "altered"),
    ],
    ids=["whole", "upper", "lower", "stripped", "changed", "shortened", "plus lost"],
)
async def test_a_reply_finds_its_thread_by_its_references(gateway: Gateway, change, found_by: str, doubt: str) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    address = change(tag_of(letter))
    await gateway.bring(reply(letter, To=address), to=address)
    body = said(conversation)[-1]
    assert (body.text, body.found_by, body.doubt) == ("Thank you!", found_by, doubt)


async def test_a_reply_without_any_header_is_found_by_the_marker_in_its_text(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    await gateway.bring(reply(letter, To="support@support.example", In_Reply_To="", References=""), to="support@support.example")
    assert (said(conversation)[-1].found_by, said(conversation)[-1].doubt) == ("marker", "unconfirmed")


async def test_a_mail_that_only_claims_her_address_is_shown_as_unconfirmed_unless_it_is_signed(gateway: Gateway, signed) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    forged = reply(letter, "Send it to my new address.\n", To="support@support.example")
    await gateway.bring(forged, to="support@support.example", sender="mallory@other.example")
    assert (said(conversation)[-1].found_by, said(conversation)[-1].doubt) == ("references", "unconfirmed")
    hers = signed(reply(letter, "That was not me.\n", number=2, To="support@support.example"))
    await gateway.bring(hers, to="support@support.example")
    assert (said(conversation)[-1].found_by, said(conversation)[-1].doubt) == ("references", "")


async def test_a_signature_that_fails_is_a_doubt_even_with_the_tag(gateway: Gateway, signed) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    changed = signed(reply(letter, "Refund EUR 40.\n")).replace(b"EUR 40.", b"EUR 90.", 1)
    await gateway.bring(changed, to=tag_of(letter))
    assert (said(conversation)[-1].found_by, said(conversation)[-1].doubt) == ("reply-address", "unconfirmed")
    assert "address.confirmed" not in kinds(conversation)


async def test_a_tag_issued_to_somebody_else_vouches_for_nobody(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    other = Customer.objects.create(site=gateway.site, name="Paul")
    tag = addresses.reply_to(gateway.site, conversation=conversation, addressee=other.pk)
    await gateway.bring(mail("It is me.\n", Message_ID="<n2@customer.example>"), to=tag)
    assert (said(conversation)[-1].found_by, said(conversation)[-1].doubt) == ("reply-address", "unconfirmed")


async def test_a_stranger_with_a_valid_tag_is_heard_but_not_trusted(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    raw = reply(letter, "I am her brother.\n", From="Paul <paul@customer.example>")
    await gateway.bring(raw, to=tag_of(letter), sender="paul@customer.example")
    body = said(conversation)[-1]
    assert (body.by, body.doubt) == ("Paul", "unconfirmed")
    actor = entries(conversation)[-1].actor
    assert actor != read.head(conversation).state.customer.ref
    assert not read.takes_part(actor, conversation)


async def test_signs_that_disagree_go_to_quarantine_and_are_taken_in_by_one_click(gateway: Gateway) -> None:
    first = await gateway.opened()
    second = await gateway.opened("Another thing.\n", Message_ID="<n2@customer.example>")
    await gateway.answer(first)
    tag = tag_of(await gateway.last_mail())
    await gateway.bring(mail("Mixed\n", Message_ID="<n3@customer.example>", References="<n2@customer.example>"), to=tag)
    (row,) = rows(QUARANTINED)
    assert "different conversations" in row.reason
    assert len(said(first)) == len(said(second)) == 1
    assert by_hand.accept(row.id, by="agent:3", conversation=row.conversation)
    assert not by_hand.accept(row.id, by="agent:4")
    await gateway.take_in()
    assert said(first)[-1].text == "Mixed"
    assert (said(first)[-1].found_by, said(first)[-1].doubt) == ("by-hand", "unconfirmed"), "a click is no proof of who wrote it"


async def test_automatic_mail_is_neither_acknowledged_nor_opens_a_conversation(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    away = reply(letter, "I am away until Monday.\n", Auto_Submitted="auto-replied")
    await gateway.bring(away, to=tag_of(letter))
    assert kinds(conversation)[-1] == "automatic.received"
    await gateway.bring(mail("I am away.\n", Message_ID="<auto@x.example>", Auto_Submitted="auto-replied"))
    assert read.all_conversations() == [conversation]
    assert "belongs to no conversation" in rows(QUARANTINED)[0].reason


async def test_a_mailing_list_is_not_acknowledged(gateway: Gateway) -> None:
    conversation = await gateway.opened(List_Id="<lamps.customer.example>", Precedence="list")
    assert kinds(conversation) == ["conversation.opened", "message.said"]


async def test_a_bounce_marks_the_delivery_and_opens_nothing(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    await gateway.mails_out()
    sender = intake.received.listed("local-mailbox", "kept")[0].envelope["sender"]
    report = (
        b"From: MAILER-DAEMON@mx.customer.example\r\nTo: x\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; nadia@customer.example\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such mailbox\r\n\r\n--b--\r\n"
    )
    await gateway.bring(report, to=sender, sender="")
    await gateway.bring(report.replace(b"x\r\n", b"y\r\n"), to=sender, sender="")
    assert kinds(conversation).count("mail.bounced") == 1
    (told,) = (entry.body for entry in entries(conversation) if entry.kind == "mail.bounced")
    assert ("No such mailbox" in told.said, told.hard, told.status, told.cause) == (True, True, "5.1.1", "unknown")
    assert kinds(conversation)[-1] == "automatic.received", "what is reported twice is kept twice"
    assert read.head(conversation).state.bounced
    assert read.all_conversations() == [conversation]


async def test_a_mail_that_cannot_be_parsed_is_set_aside_and_holds_nothing_up(gateway: Gateway) -> None:
    broken = ParserProcess(command=("/bin/false",))
    await gateway.post(mail("poison\n"))
    await intake.take_in(broken)
    await broken.close()
    await gateway.bring(mail("fine\n", Message_ID="<n2@customer.example>"))
    (row,) = rows(QUARANTINED)
    assert row.reason
    assert len(read.all_conversations()) == 1
    assert by_hand.accept(row.id, by="agent:3")
    await gateway.take_in()
    assert len(read.all_conversations()) == 2


async def test_a_case_number_counts_only_with_a_proven_sender(gateway: Gateway) -> None:
    first = await gateway.opened()
    second = await gateway.opened("About my other mail\n", Subject="Re: BR-1", Message_ID="<n2@customer.example>")
    assert first != second
    notes = [entry for entry in entries(second) if entry.kind == "note.added"]
    assert "BR-1" in notes[0].values["text"]


async def test_an_attachment_is_kept_and_named_by_the_event(gateway: Gateway) -> None:
    raw = mail("", MIME_Version="1.0", Content_Type='multipart/mixed; boundary="b"').rstrip(b"\r\n") + (
        b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee photo\r\n--b\r\nContent-Type: image/png; name=dent.png\r\n"
        b"Content-Disposition: attachment; filename=dent.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    await gateway.bring(raw)
    (conversation,) = read.all_conversations()
    (body,) = said(conversation)
    assert [(file.name, file.media_type, file.size) for file in body.attachments] == [("dent.png", "image/png", 8)]


async def test_somebody_who_only_typed_an_address_gets_no_mail_of_its_owner(gateway: Gateway) -> None:
    visitor = Customer.objects.create(site=gateway.site, visitor="0" * 64, name="Mallory")
    Address.objects.create(site=gateway.site, customer=visitor, address="nadia@customer.example")
    conversation = await gateway.opened()
    assert not read.takes_part(visitor.ref, conversation)


async def test_an_aligned_reply_to_its_own_tag_confirms_the_address(gateway: Gateway, signed) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    assert not read.head(conversation).state.customer.confirmed
    await gateway.bring(signed(reply(letter)), to=tag_of(letter))
    assert kinds(conversation)[-1] == "address.confirmed"
    assert read.head(conversation).state.customer.confirmed
    assert Address.objects.get().confirmed_at


async def test_a_visitor_who_typed_her_address_does_not_get_her_later_mails_after_she_replied(gateway: Gateway, signed) -> None:
    mallory = Customer.objects.create(site=gateway.site, visitor="0" * 64, name="Mallory")
    Address.objects.create(site=gateway.site, customer=mallory, address="nadia@customer.example")
    opened = ConversationOpened(by="Mallory", customer=mallory.ref, subject="Hello", address="nadia@customer.example")
    opens = Opens(conversation=77, site=gateway.site.pk, source="widget", key="k")
    fact = Fact(conversation=77, body=opened, actor=mallory.ref, channel="widget", key="k")
    await append(Command(facts=(fact,), opens=opens, rows=(Joins(conversation=77, ref=mallory.ref),)))
    await gateway.answer(77)
    letter = await gateway.last_mail()
    await gateway.bring(signed(reply(letter)), to=tag_of(letter))
    assert kinds(77)[-1] == "address.confirmed"
    later = await gateway.opened("Something private.\n", Message_ID="<later@customer.example>")
    assert not read.takes_part(mallory.ref, later)


@pytest.fixture
def signed():
    """Signs a mail for customer.example with a key that the gateway then finds in DNS."""
    import base64

    import dkim
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from mailgateway.proof.lookups import Dns

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    before = evidence.look_up_with(Dns(lambda name, kind, seconds: ([record] if "_domainkey" in name else [], 60.0)))
    yield lambda raw: dkim.sign(raw, b"s1", b"customer.example", pem) + raw
    evidence.look_up_with(before)
