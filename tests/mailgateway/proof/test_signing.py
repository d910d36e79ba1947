"""What leaves is signed so that others can check it: against a name server of its own, by dkimpy and by ourselves."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from django.test import override_settings

from mailgateway.proof import evidence, signing
from mailgateway.proof.lookups import system
from tests.mailgateway import mails
from tests.services.dns import NameServer

OURS = mails.mail(
    "Your lamp left this morning.\r\n", From="Tom <support@support.example>", To="nadia@customer.example", References="<a@b> <c@d>"
)


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameServer]:
    with override_settings(DKIM_KEYS=tmp_path / "dkim", DKIM=["s1"]):
        signing.make("s1")
        server = NameServer()
        name, value = signing.record("s1")
        server.put(name, "TXT", value)
        yield server
        server.stop()


def checked(raw: bytes, names: NameServer, *, author: str = "support@support.example") -> evidence.Evidence:
    with override_settings(NAME_SERVERS=[names.address]):
        return evidence.of(raw, author, dns=system())


def test_a_signed_mail_is_good_for_dkimpy_and_for_us(names: NameServer) -> None:
    raw = signing.signed(OURS)
    assert raw.endswith(OURS)
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: signing.record("s1")[1].encode())
    found = checked(raw, names)
    assert (found.dkim, found.aligned, found.signer) == ("pass", True, "support.example")


def test_nobody_can_change_what_it_says_or_put_a_second_line_before_ours(names: NameServer) -> None:
    raw = signing.signed(OURS)
    for changed in (
        raw.replace(b"left this morning", b"never left"),
        raw.replace(b"Subject: Lamp", b"Subject: Pay now"),
        raw.replace(b"nadia@customer", b"paul@customer"),
        *(
            line + raw
            for line in (b"From: eve@evil.example\r\n", b"Subject: Pay\r\n", b"Reply-To: eve@evil.example\r\n", b"To: eve@evil.example\r\n")
        ),
    ):
        assert checked(changed, names).dkim == "fail"


def test_line_ends_and_runs_of_blanks_change_nothing(names: NameServer) -> None:
    assert checked(signing.signed(OURS).replace(b"\r\n", b"\n"), names).dkim == "pass"
    wide = OURS.replace(b"left", b"left" + b" " * 300_000) + b" " * 300_000 + b"\r\n\r\n\r\n"
    assert checked(signing.signed(wide), names).dkim == "pass"


def test_two_selectors_sign_while_keys_change_hands(names: NameServer) -> None:
    signing.make("s2")
    with override_settings(DKIM=["s2", "s1"]):
        raw = signing.signed(OURS)
    assert raw.lower().count(b"dkim-signature:") == 2
    assert checked(raw, names).dkim == "pass"


def test_without_a_key_or_for_another_domain_a_mail_leaves_as_it_is(names: NameServer) -> None:
    other = mails.mail(From="tom@elsewhere.example")
    assert signing.signed(other) == other
    with override_settings(DKIM=[]):
        assert signing.signed(OURS) == OURS
    with override_settings(DKIM=["gone", "s1"]):
        assert signing.signed(OURS).count(b"DKIM-Signature") == 1


def test_a_key_is_readable_by_its_owner_alone_and_never_made_twice(names: NameServer) -> None:
    assert stat.S_IMODE(signing.place("s1").stat().st_mode) == 0o600
    with pytest.raises(signing.KeyTrouble, match="already"):
        signing.make("s1")
    for wrong in ("", "S1", "../s1", "a_b", "-a", "a" * 40):
        with pytest.raises(signing.KeyTrouble):
            signing.make(wrong)
