"""The envelope of a mail that came by a door without one."""

from __future__ import annotations

import pytest

from chat.people.models import Site
from mailgateway.doors import outside_envelope
from tests.mailgateway.mails import every, mail


@pytest.fixture(autouse=True)
def shop(database: str) -> None:
    Site.objects.create(key="shop", name="Brindle Lamps", prefix="BR")


def test_it_is_what_the_last_server_noted() -> None:
    post = outside_envelope.of(mail(Return_Path="<n+x@customer.example>", Delivered_To="support+tag@support.example"), "imap")
    assert (post.sender, post.recipients, post.door) == ("n+x@customer.example", ("support+tag@support.example",), "imap")


def test_the_null_sender_is_noted_and_an_unknown_one_is_the_author() -> None:
    assert outside_envelope.sender(mail(Return_Path="<>")) == ""
    assert outside_envelope.sender(mail()) == "nadia@customer.example"
    assert outside_envelope.sender(mail(From="")) == "unknown@invalid"


def test_where_nobody_noted_it_only_our_own_addresses_count() -> None:
    assert outside_envelope.recipients(mail(To="Paul <paul@customer.example>", Cc="support@support.example")) == (
        "support@support.example",
    )


def test_every_mail_has_an_envelope_whatever_stands_in_its_head() -> None:
    hostile = [b"", b"\r\n", b"From: " + b"(" * 50_000 + b"\r\n\r\n", b"To: " + b"a@b.example, " * 50_000, b"\x00\xff" * 1000]
    hostile += [b"Delivered-To: " + b"<" * 9_000 + b"\r\n" * 3, b"From: =?utf-8?b?/w==?= <\xff@\xfe>\r\n\r\nx"]
    for raw in (*hostile, *(path.read_bytes() for path in every()[::7])):
        post = outside_envelope.of(raw, "imap")
        assert all(address.isprintable() for address in (post.sender, *post.recipients))
