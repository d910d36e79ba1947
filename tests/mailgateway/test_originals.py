"""No copy of a mail that we keep opens anybody's record: link secrets are taken out, whatever they are wrapped in, and all else stays."""

from __future__ import annotations

import base64
import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings

from chat.ledger import blobs, copies
from chat.ledger.event import Audience
from chat.ledger.received import TAKEN
from chat.transcripts.mails import Mail, mails
from chat.transcripts.transcript import transcript_of
from mailgateway import originals, rewrite
from mailgateway.sending import local_mailbox
from tests.mailgateway.gateway import Gateway, reply, rows, said, tag_of

SECRET = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"
LINK = f"https://help.example/r/#{SECRET}"


def _content(mail: Mail) -> bytes:
    with mail.open() as file:
        return file.read()


def _mail(text: str, *, cte: str = "7bit", charset: str = "utf-8") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "nadia@customer.example", "Re: lamp"
    message.set_content(text, cte=cte, charset=charset)
    return message.as_bytes()


@pytest.mark.parametrize("cte", ["7bit", "quoted-printable", "base64"])
def test_a_secret_is_taken_out_of_any_encoding_and_the_rest_stays(cte: str) -> None:
    text = f"> Open {LINK} = now\n" + "another line, with spaces at its end  \n" * 3
    kept = email.message_from_bytes(originals.clean(_mail(text, cte=cte)), policy=policy.default)
    assert kept.get_content() == text.replace(SECRET, "taken-out")
    assert kept["Content-Transfer-Encoding"] == cte
    assert kept["X-Throughline-Kept"] == "without the secrets of links to the record"


def test_a_mail_without_a_secret_stays_as_it_came_to_the_last_octet() -> None:
    raw = _mail("See https://help.example/r/ and /r/#short.\r\n\x00 ü", cte="base64")
    assert originals.clean(raw) is raw


@pytest.mark.parametrize(
    "written",
    [
        f"> https://help.example/r/#{SECRET[:20]}\n> {SECRET[20:]} ok",
        f"https://guard.example/?url=https%3A%2F%2Fhelp.example%2Fr%2F%23{SECRET}&data=1",
        f"https://guard.example/v3/__https://help.example/r/*{SECRET}__;Iw!!x",
        f'<a href="https://help.example/r/&#35;{SECRET}">open</a>',
    ],
    ids=["broken over lines", "percent signs", "rewritten by a gateway", "as an entity"],
)
def test_a_secret_is_known_however_a_program_wrote_it(written: str) -> None:
    cleaned = originals.without_secrets(written)
    assert SECRET not in cleaned
    assert SECRET[20:] not in cleaned


def test_parts_and_mails_inside_of_mails_are_looked_through_and_files_are_not() -> None:
    inner = email.message_from_bytes(_mail(f"{LINK}\n", cte="base64"), policy=policy.default)
    outer = EmailMessage()
    outer.set_content("Look below.\n")
    outer.add_alternative(f'<a href="{LINK}">open</a>', subtype="html", cte="quoted-printable")
    outer.add_attachment(inner)
    outer.add_attachment(LINK.encode(), maintype="application", subtype="pdf", filename="a.pdf")
    kept = email.message_from_bytes(originals.clean(outer.as_bytes()), policy=policy.default)
    texts = [part.get_content() for part in kept.walk() if part.get_content_maintype() == "text"]
    assert [SECRET in text for text in texts] == [False, False, False]
    assert [part.get_content() for part in kept.walk() if part.get_content_type() == "application/pdf"] == [LINK.encode()]


def test_wide_charsets_are_read_as_what_they_are() -> None:
    body = base64.encodebytes(f"{LINK} ü\n".encode("utf-16"))
    raw = b"Content-Type: text/plain; charset=UTF-16\nContent-Transfer-Encoding: base64\n\n" + body
    kept = email.message_from_bytes(originals.clean(raw), policy=policy.default)
    assert kept.get_content() == f"{LINK} ü\n".replace(SECRET, "taken-out")


def test_only_what_changed_is_written_anew() -> None:
    head = b"From: a@b.example\r\nX-Odd:   kept  \r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    odd = b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD  RA==\r\n"
    raw = head + odd + b"--b\r\n\r\nword\r\n--b--\r\nepilogue"
    assert rewrite.rewritten(raw, lambda text: text.replace("word", "sign")) == raw.replace(b"word", b"sign")


@pytest.mark.engine
async def test_a_reply_that_quotes_a_link_is_kept_without_its_secret(gateway: Gateway) -> None:
    conversation = await gateway.opened()
    await gateway.answer(conversation)
    letter = await gateway.last_mail()
    assert b"/r/#" in bytes(letter)
    await gateway.bring(reply(letter, "Thank you, Tom!\n"), to=tag_of(letter))
    (came,) = [row for row in rows(TAKEN) if row.digest == said(conversation)[-1].original]
    copies.settle(rested=0)
    every = transcript_of(conversation, audience=Audience.EVERYONE, upto=0)
    kept = {mail.name: _content(mail) for mail in mails(every)}
    assert [name.partition("-")[2] for name in kept] == ["received.eml", "sent.eml", "sent.eml", "received.eml"]
    for content in kept.values():
        assert originals.clean(content) is content
    assert b"taken-out" in list(kept.values())[-1]
    secret = str(letter.get_body(("plain",)).get_content()).partition("/r/#")[2][:32].encode()
    assert blobs.exists(came.digest)
    # The local mailbox stands for hers, where the link belongs.
    hers = {row.digest for row in local_mailbox.mails()}
    for path in Path(settings.BLOBS).rglob("*"):
        assert not path.is_file() or path.name in hers or secret not in path.read_bytes()
