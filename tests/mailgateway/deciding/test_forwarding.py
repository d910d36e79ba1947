"""Mails that somebody passes on: known by their subject, and whose words they carry."""

from __future__ import annotations

import pytest

from mailgateway.deciding.forwarding import bare_subject, is_forwarded, passed_on
from mailgateway.parser import parse
from mailgateway.quoting import label_words
from tests.mailgateway.mails import mail

GMAIL = """\
Please look at this.

---------- Forwarded message ---------
From: Paul Lang <paul@customer.example>
Date: Fri, 20 Nov 2026 at 10:12
Subject: My lamp
To: Tom <tom@shop.example>


My lamp hums.

Paul
"""
OUTLOOK = """\
Bitte übernehmen.

________________________________
Von: Paul Lang <paul@customer.example>
Gesendet: Freitag, 20. November 2026 10:12
An: Tom <tom@shop.example>
Betreff: My lamp

My lamp hums.

Paul
"""
DESKTOP = """\
FYI

From: Paul Lang [mailto:paul@customer.example]
Sent: Friday, November 20, 2026 10:12 AM
To: Tom
Subject: My lamp

My lamp hums.

Paul
"""
APPLE = """\
Pour toi

Début du message réexpédié :

> De: Paul Lang <paul@customer.example>
> Objet: My lamp
> Date: 20 novembre 2026 à 10:12:00 UTC+1
> À: Tom <tom@shop.example>
>
> My lamp hums.
>
> Paul
"""
THUNDERBIRD = """\
-------- Forwarded Message --------
Subject: \tMy lamp
Date: \tFri, 20 Nov 2026 10:12:00 +0100
From: \tPaul Lang <paul@customer.example>
To: \tTom <tom@shop.example>


My lamp hums.

Paul
"""
BOLD = """\
看一下

*发件人:* Paul Lang <paul@customer.example>
*发送时间:* 2026年11月20日 10:12
*收件人:* Tom <tom@shop.example>
*主题:* My lamp

My lamp hums.

Paul
"""


@pytest.mark.parametrize(
    "text", [GMAIL, OUTLOOK, DESKTOP, APPLE, THUNDERBIRD, BOLD], ids=["gmail", "outlook", "desktop", "apple", "thunderbird", "bold"]
)
def test_the_author_and_the_words_of_a_mail_that_was_passed_on_are_found(text: str) -> None:
    found = passed_on(parse(mail(text, Subject="Fwd: My lamp", Content_Type="text/plain; charset=utf-8")), label_words.LABELS)
    assert found is not None
    assert (found.author.name, found.author.address, found.subject) == ("Paul Lang", "paul@customer.example", "My lamp")
    assert found.text == "My lamp hums.\n\nPaul"
    assert found.comment == ("" if text is THUNDERBIRD else text.partition("\n")[0])


def test_a_mail_without_a_copied_head_carries_nobody_elses_words() -> None:
    for text in ("From: the beginning I liked it.\nTo: nobody\n", "Price: 3\nSize: 4\nColour: red\n", "", "\n" * 2000):
        assert passed_on(parse(mail(text)), label_words.LABELS) is None


@pytest.mark.parametrize("subject", ["Fwd: Lamp", "FW: Lamp", "WG: Lamp", "TR : Lamp", "[Team] Fwd: Lamp", "转发：Lamp", "RV: FW: Lamp"])
def test_a_mail_is_passed_on_by_its_subject(subject: str) -> None:
    assert is_forwarded(parse(mail(Subject=subject)))
    assert bare_subject(subject) == "Lamp"


@pytest.mark.parametrize("subject", ["Re: Lamp", "VS: Lamp", "Forwarding address", "Intro: Lamp"])
def test_an_answer_is_not(subject: str) -> None:
    assert not is_forwarded(parse(mail(Subject=subject)))
