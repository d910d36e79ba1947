"""Kept mails are read as they were sent, and answered as a mail program does it."""

from __future__ import annotations

from django.utils import timezone

from mailgateway import kept_mail


def test_an_answer_carries_re_once_though_its_subject_was_folded() -> None:
    long = "Re: The shade of my Wren lamp came dented. Can I get a new one? [BR-242]"
    mail = kept_mail.new(name="Tom", address="tom@shop.example", to="nadia@customer.example", subject=long, now=timezone.now())
    folded = mail.as_bytes()
    assert b"Subject:\r\n Re: The" in folded
    answer = kept_mail.answer(kept_mail.read(folded), "Thank you!", now=timezone.now())
    assert str(answer["Subject"]) == long
