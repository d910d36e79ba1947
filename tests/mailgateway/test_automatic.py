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
    assert [found.kind, found.bounce.recipient, found.bounce.status, found.bounce.permanent] == BOUNCES[name]


def test_nearly_every_bounce_names_its_recipient_and_keeps_their_words() -> None:
    found = [classify(parse(mails.raw(name))) for name in BOUNCES]
    given_up = [one.bounce for one in found if one.kind in {"bounce", "delay"}]
    assert len(given_up) >= 0.95 * len(found)
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
        ({"X_Auto_Response_Suppress": "All"}, "auto_reply"),
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


def test_a_read_receipt_and_a_complaint_are_reports_not_bounces() -> None:
    assert classify(parse(mails.raw("flanker/disposition-notification.eml"))).kind == "report"
    assert classify(parse(mails.raw("flanker/complaints/aol.eml"))).kind == "report"
