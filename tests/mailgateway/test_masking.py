"""A card number in a mail is kept nowhere: not in the entry, not in the raw mail, however it was encoded; and both say so."""

from __future__ import annotations

import base64
import quopri
from email import message_from_bytes

import pytest

from chat.ledger import blobs, copies
from chat.people.masking import NOTHING, Rules
from chat.people.models import Site
from mailgateway import masking
from mailgateway.parser import parse
from tests.mailgateway.gateway import Gateway, entries, kinds, said
from tests.mailgateway.mails import mail

CARD = "4111 1111 1111 1111"
MASKED = "[card number masked, ends 1111]"
RULES = Rules()


def _with_body(body: bytes, encoding: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return mail("", Content_Type=kind, Content_Transfer_Encoding=encoding) + body


@pytest.mark.parametrize(
    "raw",
    [
        mail(f"My card is {CARD}.\r\n"),
        _with_body(base64.encodebytes(f"Gr\u00fc\u00dfe! {CARD}".encode()), "base64"),
        _with_body(quopri.encodestring(f"Gr\u00fc\u00dfe! {CARD}".encode()), "quoted-printable"),
        _with_body(f"{CARD}".replace(" ", "\u00a0").encode(), "8bit"),
        _with_body(b"<p>4111&nbsp;1111&nbsp;<b>1111</b>&#160;1111</p>", "7bit", "text/html"),
        _with_body(CARD.encode("utf-16"), "8bit", "text/plain; charset=utf-16"),
        mail("Hello\r\n", Subject=f"Card {CARD}"),
        mail("Hello\r\n", Subject="=?utf-8?B?" + base64.b64encode(f"Gr\u00fc\u00dfe {CARD}".encode()).decode() + "?="),
        mail("Hello\r\n", Subject=f"Card\r\n {CARD[:9]}\r\n {CARD[10:]}"),
    ],
    ids=["plain", "base64", "quoted-printable", "no-break spaces", "markup", "utf-16", "subject", "encoded subject", "folded subject"],
)
def test_the_raw_mail_is_kept_without_it(raw: bytes) -> None:
    kept = masking.kept(raw, RULES)
    again = parse(kept)
    plain = f"{again.subject} {again.text} {again.html}".replace("\u00a0", " ")
    assert MASKED in plain
    assert "1111 1111" not in plain
    assert kept.startswith(masking.TOLD)
    assert again.message_id == parse(raw).message_id


@pytest.mark.parametrize("text", ["1" * 250_000, "1<" * 120_000, "1 <b> " * 20_000, "a" * 250_000, "1 " * 40_000, "/r/#a=\r\n> " * 25_000])
def test_no_line_of_a_mail_costs_the_square_of_its_length(text: str) -> None:
    raw = text.encode()
    assert masking.kept(raw, RULES) == raw
    mailed = mail(text)
    assert masking.kept(mailed, RULES) == mailed


@pytest.mark.parametrize("times", [12, 5000])
def test_however_deep_mails_lie_in_mails_it_is_found(times: int) -> None:
    wrapped = b"Content-Type: message/rfc822\r\n\r\n" * times + mail(f"My card is {CARD}.\r\n")
    assert CARD.encode() not in masking.kept(wrapped, RULES)


def test_nor_do_thousands_of_parts_hide_it() -> None:
    parts = b"--b\r\n\r\nx\r\n" * 3000 + b"--b\r\n\r\n" + CARD.encode() + b"\r\n--b--\r\n"
    assert CARD.encode() not in masking.kept(mail("", Content_Type="multipart/mixed; boundary=b") + parts, RULES)


def test_another_mail_is_kept_to_the_octet() -> None:
    raw = mail("Order 4111 1111 1111 1112, call +49 170 1234567.\r\n", Subject="Lamp 12")
    assert masking.kept(raw, RULES) is raw
    assert masking.kept(mail(CARD), NOTHING) == mail(CARD)


def test_files_stay_as_they_came() -> None:
    part = base64.encodebytes(b"\x89PNG" + CARD.encode())
    raw = mail("", Content_Type='multipart/mixed; boundary="b"')
    raw += f"--b\r\nContent-Type: text/plain\r\n\r\n{CARD}\r\n--b\r\nContent-Type: image/png\r\n".encode()
    raw += b"Content-Transfer-Encoding: base64\r\n\r\n" + part + b"\r\n--b--\r\n"
    _, text, picture = message_from_bytes(masking.kept(raw, RULES)).walk()
    assert text.get_payload(decode=True) == MASKED.encode()
    assert picture.get_payload(decode=True) == b"\x89PNG" + CARD.encode()


@pytest.mark.engine
async def test_a_mail_with_a_card_number_becomes_an_entry_without_it(gateway: Gateway) -> None:
    conversation = await gateway.opened(f"Please refund to {CARD}.\n", Subject=f"Refund to {CARD}")
    (body,) = said(conversation)
    assert body.text == f"Please refund to {MASKED}."
    assert body.subject == f"Refund to {MASKED}"
    assert kinds(conversation)[:3] == ["conversation.opened", "message.said", "arrival.masked"]
    assert entries(conversation)[2].sentence.startswith("2 numbers in the entry before this one were masked.")
    copies.settle(rested=0)
    with blobs.open_blob(body.original) as file:
        assert b"1111 1111" not in file.read()
    from django.conf import settings

    left = [path for path in settings.BLOBS.rglob("*") if path.is_file() and b"Please refund to 4111" in path.read_bytes()]
    assert left == []


@pytest.mark.engine
async def test_a_site_may_switch_it_off(gateway: Gateway) -> None:
    Site.objects.update(mask_cards=False)
    conversation = await gateway.opened(f"Please refund to {CARD}.\n")
    assert said(conversation)[0].text == f"Please refund to {CARD}."
    assert "arrival.masked" not in kinds(conversation)
