"""Bounces, auto-replies, lists and loops, over the bounce collections and over small mails; and people, who are none of these."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgateway.automatic import classify
from mailgateway.parser import parse
from tests.mailgateway import mails

BOUNCES = mails.table("bounces.json")


@pytest.mark.parametrize("name", BOUNCES)
def test_a_bounce_names_recipient_status_and_finality(name: str) -> None:
    found = classify(parse(mails.raw(name)))
    about, recipient = found.bounce, found.complaint.recipient if found.complaint else found.bounce.recipient
    assert [found.kind, recipient, about.status, about.permanent, about.hard] == BOUNCES[name]


def test_nearly_every_bounce_names_its_recipient_and_keeps_their_words() -> None:
    found = [classify(parse(mails.raw(name))) for name, (kind, *_) in BOUNCES.items() if kind in {"bounce", "delay"}]
    given_up = [one.bounce for one in found if one.kind in {"bounce", "delay"}]
    assert len(given_up) == len(found)
    assert sum(1 for one in given_up if one.recipient) == len(given_up)
    assert sum(1 for one in given_up if one.diagnostic) >= len(given_up) - 1
    assert sum(1 for one in given_up if one.original_id) >= 0.85 * len(given_up)


def test_their_own_words_are_kept() -> None:
    found = classify(parse(mails.raw("sisimai-postfix-exchange/lhost-postfix-13.eml"))).bounce
    assert found.diagnostic == "550 5.2.1 <kijitora@example.jp>... User Unknown"
    assert found.original_id == "20150213024748.CEEDB20C16@2jo.example.jp" or found.original_id.startswith("20150213024748.CEEDB20C16@")


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated (away)"}, "auto_reply"),
        ({"Auto_Submitted": "no"}, ""),
        ({"X_Auto_Response_Suppress": "All"}, "list"),
        ({"X_Auto_Response_Suppress": "DR, RN"}, ""),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "<talk.lists.example>"}, "list"),
        ({"Return_Path": "<>"}, "auto_reply"),
        ({"Subject": "Automatic reply: Lamp"}, "auto_reply"),
        ({"Subject": "Re: Out of Office"}, "auto_reply"),
        ({"Subject": "Abwesenheitsnotiz: Lampe"}, "auto_reply"),
        ({"Subject": "Is your shop out of the office lamps?"}, ""),
        ({"X_Loop": "support@shop.example"}, "loop"),
        ({"From": "Support <support@shop.example>"}, "loop"),
        ({"X_Throughline_Loop": "support@shop.example"}, "loop"),
        ({"X_Throughline_Loop": "other@elsewhere.example"}, ""),
        ({}, ""),
    ],
)
def test_automatic_mail_is_known_by_its_signs(fields: dict[str, str], kind: str) -> None:
    assert classify(parse(mails.mail(**fields)), own=frozenset({"support@shop.example"})).kind == kind


def test_the_null_sender_counts_as_automatic_and_a_known_sender_wins_over_the_header() -> None:
    parsed = parse(mails.mail(Return_Path="<>"))
    assert classify(parsed, envelope_sender="").kind == "auto_reply"
    assert classify(parsed, envelope_sender="nadia@customer.example").kind == ""


@pytest.mark.parametrize("path", sorted((mails.FOLDER / "talon-standard-replies").glob("*.eml")), ids=lambda path: path.stem)
def test_people_are_not_taken_for_machines(path: Path) -> None:
    assert not classify(parse(path.read_bytes()))


def test_a_read_receipt_and_a_complaint_are_no_bounces() -> None:
    assert classify(parse(mails.raw("flanker/disposition-notification.eml"))).kind == "receipt"
    complaint = classify(parse(mails.raw("flanker/complaints/yahoo.eml")))
    assert complaint.kind == "complaint"
    assert complaint.complaint is not None
    assert complaint.complaint.serious


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        (
            "Parcel Mail Delivery <info@parcels.example>",
            "Delivery failed: nobody was at home",
            "Your parcel could not be delivered today.\n",
        ),
        ("notice@parcels.example", "Delivery status notification", "Your parcel 55012 was not delivered: address unknown.\n"),
        ("nadia@customer.example", "Undelivered lamp", "My lamp was not delivered, the address was rejected.\n"),
        (
            "nadia@customer.example",
            "Mail delivery failed",
            "I wrote to you and got this:\n\n> 550 5.1.1 User unknown\n> could not be delivered\n",
        ),
        (
            "nadia@customer.example",
            "Fwd: Undelivered Mail Returned to Sender",
            "See below.\n\n> This is the mail system at host mx.example.\n",
        ),
        ("postmaster@customer.example", "Re: our mails to you", "Hello, I run our mail server. Your server says 550, why?\n\n> rejected\n"),
        (
            "Savings Bank <postmaster@mg.bank.example>",
            "Your statement is ready",
            "We regret that your account was blocked. Payments could not be delivered. This message was made by a machine.\n",
        ),
        ("Nadia <nadia@customer.example>", "Your message was returned to me", "Could you send it again? My mailbox was full.\n"),
        ("nadia@customer.example", "Rückfrage: Zustellung fehlgeschlagen", "Das Paket wurde nicht zugestellt. Wer hilft mir?\n"),
    ],
)
def test_people_and_shops_who_write_of_failed_deliveries_are_no_mail_systems(sender: str, subject: str, body: str) -> None:
    assert classify(parse(mails.mail(body, From=sender, Subject=subject))).kind not in {"bounce", "delay", "report"}


@pytest.mark.parametrize(
    ("subject", "body", "hard"),
    [
        ("Undelivered Mail Returned to Sender", "<ines@customer.example>: host mx.customer.example said: 550 5.1.1 User unknown\n", True),
        ("Unzustellbar: Lampe", "Ihre Nachricht konnte nicht zugestellt werden.\nines@customer.example: Empfänger unbekannt\n", True),
        ("Недоставленное сообщение", "Письмо не доставлено.\nines@customer.example: пользователь не найден\n", True),
        ("退信", "您的邮件无法投递。\nines@customer.example 邮箱已满\n", False),
        ("Non remis : Lampe", "Votre message n'a pas pu être remis à ines@customer.example : boîte aux lettres pleine\n", False),
        ("failure notice", "<ines@customer.example>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n", False),
        ("Returned mail: see transcript", "<ines@customer.example>\n554 5.7.1 Message rejected as spam\n", False),
    ],
)
def test_a_mail_system_says_in_its_own_language_who_is_not_there(subject: str, body: str, hard: bool) -> None:
    found = classify(parse(mails.mail(body, From="MAILER-DAEMON@mx.example", Subject=subject, Return_Path="<>")))
    assert (found.kind, found.bounce.recipient, found.bounce.hard) == ("bounce", "ines@customer.example", hard)


def test_a_filter_that_writes_as_postmaster_of_a_blocked_message_is_a_mail_system() -> None:
    told = mails.mail(
        "Recipient: ines@customer.example\nYour server is listed.\n", From="postmaster@mx.example", Subject="Blocked Message (RBL)"
    )
    assert classify(parse(told)).kind == "bounce"


def test_an_away_note_with_the_null_sender_about_an_undelivered_parcel_is_no_bounce() -> None:
    away = mails.mail("I am away. The message was not delivered.\n", Subject="Automatic reply: Undelivered parcel", Return_Path="<>")
    assert classify(parse(away)).kind == "auto_reply"


@pytest.mark.parametrize(
    "body",
    [
        "I am out of the office until Monday.\n",
        "Ich bin bis Montag nicht im Büro.\n",
        "Je suis absente jusqu'à lundi.\n",
        "Я в отпуске до понедельника.\n",
    ],
)
def test_a_short_answer_that_calls_itself_absent_is_automatic_and_one_that_asks_is_not(body: str) -> None:
    assert classify(parse(mails.mail(body, In_Reply_To="<a@shop.example>"))).kind == "auto_reply"
    assert classify(parse(mails.mail(body + "Can you call me on Tuesday?\n", In_Reply_To="<a@shop.example>"))).kind == ""
    assert classify(parse(mails.mail(body))).kind == ""
