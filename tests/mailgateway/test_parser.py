"""The pure parser over every fixture mail and over broken ones made on the spot."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import msgspec
import pytest

from mailgateway.parser import ParsedMail, parse
from tests.mailgateway import mails


@pytest.mark.parametrize("path", mails.every(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_known_mail_is_parsed_into_storable_values(path: Path) -> None:
    parsed = parse(path.read_bytes())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(parsed), type=ParsedMail) == parsed
    for text in (parsed.text, parsed.html, parsed.subject, *(box.name for box in parsed.to), *(one.name for one in parsed.attachments)):
        assert "\x00" not in text
        text.encode("utf-8")
    for attachment in parsed.attachments:
        assert 0 < len(attachment.name) <= 120
        assert not set(attachment.name) & set("/\\\r\n\t")


@pytest.mark.parametrize(
    ("name", "subject", "begins"),
    [
        ("chatwoot/non_utf_encoded_mail.eml", "أهلين عميلنا الكريم", "أنظروا"),
        ("mikel-mail/multi_charset/japanese_shift_jis.eml", "test", "あいうえお"),
        ("mikel-mail/multi_charset/japanese_iso_2022.eml", "まみむめも", "すみません"),
        ("mikel-mail/multi_charset/ks_c_5601-1987.eml", "test", "스티해"),
        ("chatwoot/only_html.eml", "test html only mail", "This is html only mail"),
    ],
)
def test_text_and_subject_come_out_in_their_own_letters(name: str, subject: str, begins: str) -> None:
    parsed = parse(mails.raw(name))
    assert parsed.subject == subject
    assert parsed.text.startswith(begins)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mikel-mail/multi_charset/japanese_attachment.eml", "てすと.txt"),
        ("mikel-mail/attachment_emails/attachment_nonascii_filename.eml", "ciële.txt"),
        ("mikel-mail/attachment_emails/attachment_with_base64_encoded_name.eml", "This is a test.pdf"),
        ("mikel-mail/attachment_emails/attachment_with_quoted_filename.eml", "Eelanalüüsi päring.jpg"),
        ("mikel-mail/attachment_emails/attachment_with_unquoted_name.eml", "This is a test.txt"),
        ("mikel-mail/attachment_emails/attachment_content_location.eml", "attachment-1.jpg"),
    ],
)
def test_attachments_keep_their_names_or_get_one(name: str, file: str) -> None:
    names = [unicodedata.normalize("NFC", one.name) for one in parse(mails.raw(name)).attachments]
    assert unicodedata.normalize("NFC", file) in names


def test_a_path_in_an_attachment_name_is_cut_off() -> None:
    raw = mails.mail("x", Content_Type="application/pdf", Content_Disposition='attachment; filename="../../etc/\x01pass\u202ewd"')
    assert [one.name for one in parse(raw).attachments] == ["passwd"]


def test_the_delivered_to_family_is_read_in_the_order_of_the_way() -> None:
    raw = (
        b"X-Original-To: support+abc@shop.example\r\nDelivered-To: box@host.example\r\nEnvelope-To: <Third@HOST.example>\r\n" + mails.mail()
    )
    assert parse(raw).delivered_to == ("support+abc@shop.example", "box@host.example", "Third@host.example")


def test_references_and_reply_to_are_read_through_folding_and_rubbish() -> None:
    raw = mails.mail(
        References="<a@x>\r\n <b@x> rubbish\r\n\t<c@x>", In_Reply_To="Your message <c@x> of today", Reply_To='"Lang, Nadia" <n@x.example>'
    )
    parsed = parse(raw)
    assert parsed.references == ("a@x", "b@x", "c@x")
    assert parsed.in_reply_to == ("c@x",)
    assert [(box.name, box.address) for box in parsed.reply_to] == [("Lang, Nadia", "n@x.example")]


def test_an_html_reply_becomes_text_with_its_quote_marked() -> None:
    html = "<html><style>p{color:red}</style><p>Yes,&nbsp;please.</p><blockquote><p>Shall we?</p></blockquote></html>"
    parsed = parse(mails.mail(html, Content_Type="text/html; charset=utf-8"))
    assert "Yes, please." in parsed.text
    assert "> Shall we?" in parsed.text
    assert "color:red" not in parsed.text
    assert parsed.html == html


def test_nul_and_lone_surrogates_do_not_survive() -> None:
    raw = mails.mail("a\x00b", Subject="=?utf-7?Q?+2AA-x=00?=", Content_Type="text/plain; charset=utf-8")
    parsed = parse(raw)
    assert parsed.text == "ab"
    parsed.subject.encode("utf-8")
    assert "\x00" not in parsed.subject


def test_a_mail_without_headers_keeps_all_its_words() -> None:
    parsed = parse(b"just some words\r\n\r\nand some more\r\n")
    assert "just some words" in parsed.text
    assert "and some more" in parsed.text
    assert {"no-headers", "no-from", "no-date"} <= set(parsed.notes)


def test_parts_without_an_empty_line_above_the_first_one_are_read() -> None:
    parts = b"--cut\nContent-Type: text/plain\n\nThe lamp hums.\n--cut\nContent-Type: text/html\n\n<p>The lamp hums.</p>\n--cut--\n"
    head = b"From: nadia@example.com\nContent-Type: multipart/alternative; boundary=cut\nSubject: Lamp\n"
    for gap in (b"", b" \n"):
        mail = parse(head + gap + parts)
        assert (mail.subject, mail.text, mail.html) == ("Lamp", "The lamp hums.", "<p>The lamp hums.</p>")


def test_a_boundary_that_nobody_declared_may_stand_at_the_very_top() -> None:
    parts = b"--cut\nContent-Type: text/plain; charset=utf-8\n\nThe lamp hums.\n--cut--\n"
    assert parse(b"From: nadia@example.com\nContent-Type: multipart/alternative; boundary=other\n\n" + parts).text == "The lamp hums."


def test_a_character_written_in_two_halves_is_one_again() -> None:
    head = b"From: nadia@example.com\nContent-Type: text/html\n\n"
    mail = parse(head + b"<p>&#8217;&#55357;&#56898; and &#xD83D;&#xDE42;, &#55357; alone</p>")
    assert "\u2019\U0001f642 and \U0001f642, " in mail.text


def test_deep_nesting_and_endless_parts_are_bounded() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(500)) + b"\r\nend"
    assert "nested-too-deep" in parse(deep).notes
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000 + b"--b--\r\n"
    assert "too-many-parts" in parse(many).notes
