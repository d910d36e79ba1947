"""Signatures and seals: what counts, what does not, and that no mail makes the look at them slow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import dkim
import pytest

from mailgateway.proof import signatures
from mailgateway.proof.lookups import Dns, Lookups, Unanswered
from mailgateway.proof.signatures import Signature, Signed
from tests.mailgateway import mails
from tests.mailgateway.signing_keys import SIGNED, private, record, signed

RECORD = record().encode()


def lookups(answer: Callable[[str], list[bytes]] | bytes = RECORD) -> Lookups:
    def ask(name: str, kind: str, seconds: float) -> tuple[list[bytes], float]:
        return (answer(name) if callable(answer) else [answer]), 60.0

    return Lookups(Dns(ask))


def one(raw: bytes, answer: Callable[[str], list[bytes]] | bytes = RECORD) -> Signature:
    (found,) = Signed(raw).signatures(lookups(answer))
    return found


@pytest.mark.parametrize("form", [(a, b) for a in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")])
def test_a_good_signature_is_good_in_every_form_and_with_any_line_ends(form: tuple[bytes, bytes]) -> None:
    raw = mails.mail("Hello  there \t\r\n\r\n  and more\t\r\n\r\n\r\n", Subject="A  lamp\r\n\twith  folds ")
    whole = signed(raw, canonicalize=form)
    assert one(whole).result == "pass"
    assert one(whole.replace(b"\r\n", b"\n")).result == "pass"
    assert one(whole.replace(b"Hello", b"Hallo")).result == "fail"


def test_a_mail_without_body_or_with_an_empty_one_can_be_signed() -> None:
    for body in ("", "\r\n", "\r\n\r\n\r\n"):
        assert one(signed(mails.mail(body))).result == "pass"


def test_a_signature_over_a_part_of_the_body_does_not_count() -> None:
    found = one(signed(mails.mail("Hello\r\n"), length=True) + b"and pay to this account\r\n")
    assert (found.result, found.why) == ("policy", "it covers only a part of the body")
    empty = one(signed(mails.mail("Hello\r\n")).replace(b"; bh=", b"; l=0; bh="))
    assert empty.result == "policy"


def test_a_signature_that_leaves_the_author_open_does_not_count() -> None:
    raw = signed()
    without = re.sub(rb"h=from : ?", b"h=", raw, count=1)
    assert without != raw
    assert one(without).result == "policy"


def test_a_signature_of_yesteryear_and_one_that_ran_out_do_not_count() -> None:
    assert one(signed().replace(b"a=rsa-sha256", b"a=rsa-sha1")).result == "policy"
    message = mails.mail("Hello\r\n")
    line = bytes(dkim.sign(message, b"s1", b"customer.example", private(2048), include_headers=[b"from"]))
    for tag, why in ((b"x=1400000000", "it has run out"), (b"x=abc", "it cannot be read")):
        found = one(line.replace(b"; s=s1", b"; " + tag + b"; s=s1") + message)
        assert (found.result, found.why) == ("fail", why)


def test_weak_keys_and_keys_that_were_taken_back_do_not_count() -> None:
    weak = signed(bits=768) if _can(768) else b""
    if weak:
        assert one(weak, record(768).encode()).result == "permerror"
    assert "taken back" in one(signed(), b"v=DKIM1; p=").why
    assert one(signed(), lambda name: []).why == "its key is not published"
    assert one(signed(), b"v=DKIM1; k=gost; p=AAAA").result == "permerror"
    assert one(signed(), b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").result == "fail"
    for rubbish in (b"p=%%%", b"p=QUJD", b"v=DKIM2; p=" + RECORD, b"\xff\xfe p=1", b"p=" + b"A" * 60_000, b";;;p=a;;p=b"):
        assert one(signed(), rubbish).result in ("permerror", "fail")


RFC_8463 = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""


def test_the_example_of_rfc_8463_is_good_and_its_key_signs_nothing_else() -> None:
    key = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    assert one(RFC_8463, key).result == "pass"
    assert one(RFC_8463.replace(b"dinner", b"supper"), key).result == "fail"
    assert one(RFC_8463.replace(b"hungry", b"thirsty"), key).result == "fail"
    assert one(RFC_8463, RECORD).result == "fail"
    for rubbish in (b"k=ed25519; p=AAAA", b"k=ed25519; p=%%%", b"k=ed25519; p=" + b"A" * 43 + b"="):
        assert one(RFC_8463, rubbish).result == "fail"


def test_a_text_that_is_no_key_beside_the_key_does_no_harm() -> None:
    assert one(signed(), lambda name: [b"google-site-verification", RECORD]).result == "pass"


def test_a_silent_name_server_means_later() -> None:
    def silent(name: str) -> list[bytes]:
        raise Unanswered

    assert one(signed(), silent).result == "temperror"


def test_a_second_author_or_subject_is_seen() -> None:
    assert Signed(signed()).clear
    for line in (b"From: Ruth <ruth@customer.example>\r\n", b"SUBJECT: Pay\r\n", b"subject : Pay\r\n"):
        assert not Signed(line + signed()).clear
    assert one(b"From: Ruth <ruth@customer.example>\r\n" + signed()).result == "fail"


def test_only_the_topmost_five_signatures_are_looked_at() -> None:
    asked: list[str] = []

    def answer(name: str) -> list[bytes]:
        asked.append(name)
        return [RECORD]

    raw = mails.mail("Hello\r\n")
    head = b"".join(signed(raw, domain=f"d{number}.example")[: -len(raw)] for number in range(30))
    assert len(Signed(head + raw).signatures(lookups(answer))) == signatures.MAX_SIGNATURES
    assert len(asked) == signatures.MAX_SIGNATURES


def _folds(count: int) -> bytes:
    return b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s1; h=from; bh=x; b=" + b"\r\n " * count + b"x\r\n" + mails.mail("Hello\r\n")


def _long(body: str) -> bytes:
    # dkimpy itself would take minutes to sign these.
    return signed(mails.mail("Hello\r\n")).replace(b"\r\nHello", b"\r\n" + body.encode())


BOMBS = {
    "a signature of folds": _folds(100_000),
    "a signature of folds that is small enough": _folds(1_500),
    "a signature of blanks": b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s1; h=from; bh=x; b="
    + b" " * 2_000_000
    + b"x\r\n"
    + mails.mail(),
    "a body of blanks": _long(("x" + " " * 500_000 + "\t" * 500_000 + "y") * 4),
    "a body of blank runs": _long((" " * 999 + "x") * 8_000),
    "a body of line ends": _long("\r\n" * 2_000_000),
    "a head of folds": b"X-Fold: y\r\n" + b" \r\n" * 150_000 + signed(),
    "a head of lines": b"DKIM-Signature: d=a.example\r\n" * 15_000 + mails.mail("Hello\r\n"),
    "an endless line": b"DKIM-Signature: " + b"v=1;" * 1_000_000,
    "seals without end": b"".join(b"ARC-Seal: i=%d; cv=pass; d=a.example; s=s; b=x\r\n" % number for number in range(5_000)) + mails.mail(),
    "a seal with a huge number": b"ARC-Seal: i=99999999999999999999; cv=pass\r\n" + mails.mail(),
    "a list of signed lines": signed().replace(b"h=from", b"h=" + b"a:" * 3_000 + b"from"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_mail_makes_the_look_at_its_signatures_slow(name: str) -> None:
    # Twenty times what it takes on a slow machine, and a small part of what a quadratic walk over the same mail would.
    began = time.process_time()
    mail = Signed(BOMBS[name])
    mail.signatures(lookups())
    mail.seals(lookups())
    assert time.process_time() - began < 5


def test_a_huge_key_costs_little() -> None:
    import base64

    def integer(value: int) -> bytes:
        body = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return b"\x02\x82" + len(body).to_bytes(2, "big") + body

    pair = integer((1 << 3999) + 1) + integer((1 << 3999) + 1)
    key = base64.b64encode(b"\x30\x82" + len(pair).to_bytes(2, "big") + pair)
    began = time.process_time()
    assert one(signed(), b"v=DKIM1; p=" + key).result != "pass"
    assert time.process_time() - began < 1


def test_a_chain_of_seals_is_checked_and_a_changed_mail_breaks_it() -> None:
    raw = b"Authentication-Results: lists.example; spf=pass smtp.mailfrom=customer.example; dmarc=pass\r\n" + mails.mail("Hello\r\n")
    lines = dkim.arc_sign(raw, b"s1", b"lists.example", private(2048), b"lists.example", include_headers=list(SIGNED))
    sealed = b"".join(lines) + raw
    found = Signed(sealed).seals(lookups())
    assert (found.result, found.sealers) == ("pass", ("lists.example",))
    assert "dmarc=pass" in found.said
    assert Signed(sealed.replace(b"Hello", b"Hallo")).seals(lookups()).result == "fail"
    assert Signed(sealed).seals(lookups(lambda name: [])).result == "fail"
    assert Signed(raw).seals(lookups()).result == "none"


def test_rubbish_is_never_more_than_a_failed_check() -> None:
    for path in mails.every()[::3]:
        mail = Signed(path.read_bytes())
        mail.signatures(lookups(lambda name: []))
        mail.seals(lookups(lambda name: []))


def _can(bits: int) -> bool:
    try:
        private(bits)
    except ValueError:
        return False
    return True
