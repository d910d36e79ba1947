"""What the event of a mail says besides the words of its author."""

from __future__ import annotations

import sys

import pytest

from chat.people.masking import Rules
from mailgateway import masking
from mailgateway.deciding.contents import said
from mailgateway.parser import parse
from mailgateway.reading.parser_process import ParserProcess
from tests.mailgateway import mails
from tests.mailgateway.gateway import Gateway
from tests.mailgateway.gateway import said as said_in


def _text(name: str) -> str:
    return said(parse(mails.raw(f"ours/{name}.eml")), original="", found_by="", doubt="").text


def test_an_invitation_is_told_below_the_text() -> None:
    assert _text("invitation").startswith("Shall we?\n\nInvitation: Repair of the lamp, hall\nWhen: 2026-11-24 14:00 (Europe/Berlin)")


def test_an_invitation_without_words_is_told_once() -> None:
    assert _text("invitation-alone").count("Repair of the lamp") == 1


@pytest.mark.parametrize("name", ["pgp-mime-encrypted", "smime-encrypted"])
def test_an_encrypted_mail_says_so(name: str) -> None:
    assert _text(name) == "[This mail is encrypted. It is kept as it came, for those who have the key.]"


def test_a_signed_mail_needs_no_words() -> None:
    assert _text("smime-signed") == "The lamp flickers."


async def test_a_mail_that_was_too_much_becomes_an_entry_with_the_mail_as_its_file(gateway: Gateway) -> None:
    # A parser that gives up on every mail it is to read in whole.
    code = "import os, mailgateway.parser as p; q = p.parse\n"
    code += "p.parse = lambda raw, lightly: q(raw, lightly=True) if lightly else os._exit(1)\np.main()"
    async with ParserProcess(command=(sys.executable, "-c", code)) as gateway.parser:
        conversation = await gateway.opened("The lamp flickers.\n", Subject="Too much")
    (body,) = said_in(conversation)
    assert body.subject == "Too much"
    assert body.text == (
        "The lamp flickers.\n\n[This mail was too much to be read in whole. Its beginning is shown, and it is attached as it came.]"
    )
    assert [(file.name, file.media_type) for file in body.attachments] == [("mail.eml", "message/rfc822")]


def test_a_number_in_an_invitation_is_masked_as_well() -> None:
    mail = parse(mails.raw("ours/invitation.eml").replace(b"Main\r\n  street 5", b"Card 4111 1111 1111 1111"))
    masked, what = masking.parsed(mail, Rules())
    assert masked.invitation[2] == "Where: Card [card number masked, ends 1111]"
    assert len(what) == 1
