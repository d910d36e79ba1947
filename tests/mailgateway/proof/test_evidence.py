"""All checks of one mail, against a name server of its own on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings

from mailgateway.proof import evidence
from mailgateway.proof.evidence import Evidence
from mailgateway.proof.lookups import Dns, system
from tests.mailgateway import mails
from tests.mailgateway.signing_keys import record, signed
from tests.services.dns import NameServer

NADIA = "nadia@customer.example"
OUTSIDE = "192.0.2.25"
RECORDS = {
    ("customer.example", "TXT"): [f"v=spf1 ip4:{OUTSIDE} -all"],
    ("_dmarc.customer.example", "TXT"): ["v=DMARC1; p=reject"],
    ("s1._domainkey.customer.example", "TXT"): [record()],
    ("s1._domainkey.esp.example", "TXT"): [record()],
    ("esp.example", "TXT"): [f"v=spf1 ip4:{OUTSIDE} -all"],
}

Of = Callable[..., Evidence]


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer(RECORDS)
    yield server
    server.stop()


@pytest.fixture
def of(names: NameServer) -> Of:
    def of(raw: bytes, *, author: str = NADIA, dns: Dns | None = None, **envelope: Any) -> Evidence:
        with override_settings(NAME_SERVERS=[names.address]):
            return evidence.of(raw, author, envelope=envelope, dns=dns or system())

    return of


def test_a_mail_from_its_own_server_with_its_own_signature_is_proven(of: Of) -> None:
    found = of(signed(), peer=OUTSIDE, sender=NADIA)
    assert (found.spf, found.dkim, found.dmarc, found.policy, found.aligned) == ("pass", "pass", "pass", "reject", True)
    assert found.words() == "Signed by customer.example"
    assert found.proof() == "signed=customer.example spf=pass dkim=pass dmarc=pass"


def test_the_right_server_alone_proves_it_and_so_does_the_signature_alone(of: Of) -> None:
    sent = of(mails.mail(), peer=OUTSIDE, sender=NADIA)
    assert (sent.spf, sent.dkim, sent.dmarc, sent.aligned) == ("pass", "none", "pass", True)
    assert sent.words() == "Sent by a server of customer.example"
    forwarded = of(signed(), peer="198.51.100.9", sender=NADIA)
    assert (forwarded.spf, forwarded.dkim, forwarded.dmarc, forwarded.aligned) == ("fail", "pass", "pass", True)


def test_a_forged_author_fails_the_policy_of_the_domain(of: Of) -> None:
    found = of(mails.mail(), peer="198.51.100.9", sender="eve@esp.example")
    assert (found.dmarc, found.policy, found.aligned, found.forged) == ("fail", "reject", False, True)
    assert "own policy (reject)" in found.words()


def test_a_good_path_and_a_good_signature_of_somebody_else_prove_nothing(of: Of) -> None:
    found = of(signed(domain="esp.example"), peer=OUTSIDE, sender="bounce@esp.example")
    assert (found.spf, found.dkim, found.dmarc, found.aligned) == ("pass", "pass", "fail", False)


def test_where_no_policy_is_published_a_signature_of_the_domain_still_proves(of: Of, names: NameServer) -> None:
    names.put("s1._domainkey.plain.example", "TXT", record())
    raw = mails.mail(From="Omar <omar@mail.plain.example>")
    found = of(signed(raw, domain="plain.example"), author="omar@mail.plain.example", peer="198.51.100.9", sender="omar@plain.example")
    assert (found.dkim, found.dmarc, found.aligned) == ("pass", "none", True)
    assert (
        of(raw, author="omar@mail.plain.example", peer="198.51.100.9", sender="omar@plain.example")
        .words()
        .startswith("Could not be verified")
    )


def test_exact_alignment_is_asked_for_where_the_domain_asks_for_it(of: Of, names: NameServer) -> None:
    raw = signed(mails.mail(From="nadia@news.customer.example"))
    assert of(raw, author="nadia@news.customer.example", peer=OUTSIDE, sender="").aligned
    names.put("_dmarc.customer.example", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s")
    found = of(raw, author="nadia@news.customer.example", peer=OUTSIDE, sender="")
    assert (found.dmarc, found.aligned) == ("fail", False)


@pytest.mark.parametrize(
    ("published", "policy"),
    [
        ("v=DMARC1; p=none; sp=reject", "reject"),
        ("v=DMARC1; p=reject; sp=none", "none"),
        ("v=DMARC1; p=reject; pct=0", "quarantine"),
        ("v=DMARC1; p=reject; t=y", "quarantine"),
        ("v=DMARC1;p=Reject ;", "reject"),
        ("V = DMARC1 ; p = quarantine", "quarantine"),
        ("v=DMARC1; p=rubbish", "none"),
        ("v=DMARC1", "none"),
        ("v=DMARC12; p=reject", ""),
        ("p=reject; v=DMARC1", ""),
    ],
)
def test_a_domain_below_gets_the_policy_of_its_owner(of: Of, names: NameServer, published: str, policy: str) -> None:
    names.put("_dmarc.customer.example", "TXT", published)
    author = "eve@a.b.customer.example"
    assert of(mails.mail(From=author), author=author, peer="198.51.100.9", sender="").policy == policy


def test_two_policies_are_none(of: Of, names: NameServer) -> None:
    names.put("_dmarc.customer.example", "TXT", "v=DMARC1; p=reject", "v=DMARC1; p=none")
    assert of(mails.mail(), peer="198.51.100.9", sender=NADIA).dmarc == "none"


def test_a_signature_that_fails_alone_blocks_nothing(of: Of, names: NameServer) -> None:
    names.put("_dmarc.customer.example", "TXT", "v=DMARC1; p=none")
    found = of(signed().replace(b"Hello", b"Hallo"), peer="198.51.100.9", sender=NADIA)
    assert (found.dkim, found.spf, found.dmarc, found.forged) == ("fail", "fail", "fail", False)


def test_what_is_put_aside_follows_the_setting(of: Of, names: NameServer) -> None:
    names.put("_dmarc.customer.example", "TXT", "v=DMARC1; p=quarantine")
    found = of(mails.mail(), peer="198.51.100.9", sender=NADIA)
    assert not found.forged
    with override_settings(DMARC="quarantine"):
        assert found.forged
    with override_settings(DMARC="show"):
        assert not found.forged


def test_a_mail_from_our_own_network_is_not_judged_by_its_path(of: Of) -> None:
    for peer in ("127.0.0.1", "10.1.2.3", "", "::1", "rubbish"):
        found = of(mails.mail(), peer=peer, sender=NADIA)
        assert (found.spf, found.dmarc, found.forged) == ("none", "none", False)
    assert of(signed(), peer="127.0.0.1", sender=NADIA).dmarc == "pass"


def test_the_null_sender_is_judged_by_its_greeting(of: Of) -> None:
    found = of(
        mails.mail(From="mailer@customer.example"), author="mailer@customer.example", peer=OUTSIDE, sender="", greeting="customer.example"
    )
    assert (found.spf, found.aligned) == ("pass", True)


def test_a_name_server_that_is_silent_means_later_and_costs_no_more_than_its_time(of: Of, names: NameServer) -> None:
    names.silent |= {"customer.example", "_dmarc.customer.example", "s1._domainkey.customer.example"}
    raw = signed()
    with override_settings(NAME_SERVERS=[names.address]):
        quick = system()
    from mailgateway.proof import lookups

    began = time.monotonic()
    found = evidence._of(raw, NADIA, {"peer": OUTSIDE, "sender": NADIA}, lookups.Lookups(quick, patience=1.0))
    assert (found.spf, found.dkim, found.dmarc, found.aligned, found.forged) == ("temperror", "temperror", "temperror", False, False)
    assert found.words() == "Could not be checked when it came"
    assert time.monotonic() - began < 5


def test_a_front_server_that_is_trusted_is_believed_and_a_stranger_is_not(of: Of) -> None:
    line = (
        b"Authentication-Results: mx.support.example;\r\n spf=pass smtp.mailfrom=customer.example;\r\n dkim=pass header.d=customer.example;"
        b"\r\n dmarc=pass (p=reject dis=none) header.from=customer.example\r\n"
    )
    with override_settings(AUTHSERV=["mx.support.example"]):
        believed = of(line + mails.mail(), peer="10.0.0.2", sender="x@y.example", trusted=True)
        assert (believed.source, believed.dmarc, believed.dkim, believed.spf, believed.aligned) == ("front", "pass", "pass", "pass", True)
        assert believed.proof() == "signed=customer.example spf=pass dkim=pass dmarc=pass front"
        for envelope in ({"peer": "198.51.100.9"}, {"peer": OUTSIDE}, {"peer": "127.0.0.1"}):
            found = of(line + mails.mail(), sender="eve@esp.example", **envelope)
            assert (found.source, found.aligned) == ("here", False)
    assert not of(line + mails.mail(), peer="10.0.0.2", sender="eve@esp.example", trusted=True).aligned


def test_a_line_below_the_front_servers_own_is_the_senders(of: Of) -> None:
    forged = b"Authentication-Results: mx.support.example; dmarc=pass header.from=customer.example; dkim=pass header.d=customer.example\r\n"
    received = b"Received: from evil (evil [198.51.100.9])\r\n\tby mx.support.example; Fri, 20 Nov 2026 10:12:00 +0000\r\n"
    own = b"Authentication-Results: mx.support.example; dkim=none; dmarc=fail (p=reject) header.from=customer.example\r\n"
    with override_settings(AUTHSERV=["mx.support.example"]):
        for raw in (own + received + forged, received + own + forged, received + own + received + forged):
            found = of(raw + mails.mail(), peer="10.0.0.2", sender="eve@esp.example", trusted=True)
            assert (found.dmarc, found.policy, found.aligned, found.forged) == ("fail", "reject", False, True)
        # It checked nothing: what stands further down is nobody's word, and what we can see ourselves counts.
        found = of(
            received + b"Received: from a by b; now\r\n" + forged + mails.mail(), peer="10.0.0.2", sender="eve@esp.example", trusted=True
        )
        assert (found.source, found.dmarc, found.aligned) == ("here", "fail", False)


def test_behind_a_front_server_the_path_is_the_one_that_it_wrote_down(of: Of) -> None:
    received = (
        f"Received: from mail.customer.example (mail.customer.example [{OUTSIDE}])\r\n\tby mx.support.example (Postfix); now\r\n".encode()
    )
    found = of(received + mails.mail(), peer="10.0.0.2", sender=NADIA, trusted=True)
    assert (found.spf, found.dmarc) == ("pass", "pass")
    assert of(received + mails.mail(), peer="198.51.100.9", sender=NADIA).spf == "fail"


def test_a_mailbox_that_we_fetch_from_is_believed_only_where_its_name_is_set(of: Of) -> None:
    line = (
        b"Received: by 2002:a05:1; now\r\n"
        b"Received: from a by mx.google.com; now\r\n"
        b"Authentication-Results: mx.google.com;\r\n"
        b" dkim=pass header.i=@customer.example header.s=s1; dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=customer.example\r\n"
    )
    assert not of(line + mails.mail(), door="imap", sender="").aligned
    with override_settings(AUTHSERV=["mx.google.com"]):
        found = of(line + mails.mail(), door="imap", sender="")
        assert (found.aligned, found.policy, found.signer) == (True, "reject", "customer.example")


def test_microsoft_writes_its_results_without_a_name(of: Of) -> None:
    line = (
        b"Authentication-Results: spf=pass (sender IP is 192.0.2.25)\r\n"
        b" smtp.mailfrom=customer.example; dkim=none (message not signed)\r\n"
        b" header.d=none;dmarc=bestguesspass action=none header.from=customer.example;compauth=pass reason=109\r\n"
    )
    with override_settings(AUTHSERV=["unnamed"]):
        found = of(line + mails.mail(), door="imap", sender="")
        assert (found.spf, found.dkim, found.dmarc, found.aligned, found.source) == ("pass", "none", "pass", True, "front")


def test_two_authors_are_never_proven_and_the_strictest_policy_counts(of: Of) -> None:
    twice = b"From: Eve <eve@esp.example>\r\n" + signed()
    both = mails.mail(From="Eve <eve@esp.example>, Nadia <nadia@customer.example>")
    for raw in (twice, signed(both, domain="esp.example")):
        found = of(raw, author="eve@esp.example", peer="198.51.100.9", sender="eve@esp.example")
        assert (found.dmarc, found.policy, found.aligned) == ("fail", "reject", False)


def test_a_name_that_looks_like_an_address_is_only_a_name(of: Of) -> None:
    raw = signed(mails.mail(From='"nadia@customer.example" <eve@esp.example>'), domain="esp.example")
    found = of(raw, author="eve@esp.example", peer=OUTSIDE, sender="eve@esp.example")
    assert (found.author, found.signer, found.aligned) == ("esp.example", "esp.example", True)
    assert found.words() == "Signed by esp.example"


def test_an_old_mail_sent_again_under_another_subject_proves_nothing(of: Of) -> None:
    open_subject = signed(covers=(b"from", b"to", b"date")).replace(b"Subject: Lamp", b"Subject: BR-1 pay Eve")
    second = b"Subject: BR-1 pay Eve\r\n" + signed()
    for raw in (open_subject, second):
        found = of(raw, peer="198.51.100.9", sender="eve@esp.example")
        assert (found.dkim, found.aligned) == ("pass", False)


def test_letters_that_look_alike_are_another_domain(of: Of, names: NameServer) -> None:
    author = "nadia@cust\u043emer.example"
    raw = signed(mails.mail(From=f"Nadia <{author}>"))
    found = of(raw, author=author, peer=OUTSIDE, sender=NADIA)
    assert (found.author, found.aligned) == ("xn--custmer-djg.example", False)


def test_case_and_dots_do_not_make_another_domain(of: Of) -> None:
    assert of(signed(), author="Nadia@CUSTOMER.example.", peer="198.51.100.9", sender="").aligned


def test_a_list_that_changed_a_mail_and_vouches_for_it_is_named_and_not_believed(of: Of, names: NameServer) -> None:
    import dkim

    from tests.mailgateway.signing_keys import SIGNED, private

    names.put("s1._domainkey.lists.example", "TXT", record())
    head = b"Authentication-Results: lists.example; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example\r\n"
    raw = head + mails.mail("Hello\r\n-- \r\nThe list\r\n")
    lines = dkim.arc_sign(raw, b"s1", b"lists.example", private(2048), b"lists.example", include_headers=list(SIGNED))
    found = of(b"".join(lines) + raw, peer="198.51.100.9", sender="list@lists.example")
    assert (found.arc, found.sealer, found.aligned, found.forged) == ("pass", "lists.example", False, True)


def test_rubbish_is_never_more_than_unproven(of: Of) -> None:
    for path in mails.every()[::7]:
        found = of(path.read_bytes(), author="nobody@nowhere.example", peer="198.51.100.9", sender="x")
        assert not found.aligned
    for raw in (b"", b"\r\n", b"\x00" * 1000, b"From", b"From:" * 5000, b":\n:\n"):
        assert not of(raw, author="", peer="198.51.100.9", sender="").aligned


def test_what_our_own_provider_sealed_is_believed_as_if_it_stood_in_front(of: Of, names: NameServer) -> None:
    import dkim

    from tests.mailgateway.signing_keys import SIGNED, private

    names.put("s1._domainkey.provider.example", "TXT", record())
    head = b"Authentication-Results: mx.provider.example; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example\r\n"
    raw = head + mails.mail("Hello\r\n")
    lines = dkim.arc_sign(raw, b"s1", b"provider.example", private(2048), b"mx.provider.example", include_headers=list(SIGNED))
    sealed = b"".join(lines) + raw
    with override_settings(AUTHSERV=["mx.provider.example"]):
        found = of(sealed, peer="198.51.100.9", sender="list@lists.example")
        assert (found.dmarc, found.aligned, found.source) == ("pass", True, "front")
        assert not of(sealed.replace(b"Hello", b"Hallo"), peer="198.51.100.9", sender="").aligned
    with override_settings(AUTHSERV=["mx.elsewhere.example"]):
        assert not of(sealed, peer="198.51.100.9", sender="list@lists.example").aligned
