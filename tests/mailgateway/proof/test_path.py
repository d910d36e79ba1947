"""SPF over a name server that is a table: limits, traps, and what is not judged."""

from __future__ import annotations

import pytest

from mailgateway.proof import path
from mailgateway.proof.lookups import Answer, Dns, Lookups, Unanswered
from mailgateway.proof.path import Path

PEER = "192.0.2.25"
Zone = dict[tuple[str, str], list[object]]


def check(zone: Zone, *, peer: str = PEER, sender: str = "nadia@customer.example", greeting: str = "mail.customer.example") -> Path:
    def ask(name: str, kind: str, seconds: float) -> tuple[Answer, float]:
        found = zone.get((name, kind), [])
        if found == ["silent"]:
            raise Unanswered
        return found, 60.0

    return path.check(peer, sender, greeting, Lookups(Dns(ask)))


def txt(record: str, name: str = "customer.example") -> Zone:
    return {(name, "TXT"): [record.encode()]}


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/24 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1", "neutral"),
        ("v=spf10 -all", "none"),
        ("spf2.0/pra -all", "none"),
        ("v=spf1 ip4:192.0.2.25 ip4:rubbish -all", "permerror"),
        ("v=spf1 include:customer.example -all", "permerror"),
        ("v=spf1 redirect=customer.example", "permerror"),
        ("v=spf1 exists:%{l}.%{d} -all", "fail"),
        ("v=spf1 exists:%{z} -all", "permerror"),
        ("v=spf1 " + " ".join(f"a:a{n}.customer.example" for n in range(12)) + " -all", "permerror"),
        ("v=spf1 a:gone1.example a:gone2.example a:gone3.example -all", "permerror"),
        ("v=spf1 " + "ip4:203.0.113.1 " * 4000 + "-all", "fail"),
    ],
)
def test_a_record_is_read_within_its_limits(record: str, result: str) -> None:
    assert check(txt(record)).result == result


@pytest.mark.parametrize("record", ["v=spf1 +all", "v=spf1 all", "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 a/0 -all"])
def test_a_record_that_allows_everybody_proves_nothing(record: str) -> None:
    assert check(txt(record) | {("customer.example", "A"): ["198.51.100.1"]}).result == "neutral"


def test_records_that_include_each_other_come_to_an_end() -> None:
    zone = txt("v=spf1 include:b.example -all") | txt("v=spf1 include:customer.example -all", "b.example")
    assert check(zone).result == "permerror"


def test_two_records_are_an_error_and_silence_is_only_silence() -> None:
    assert check({("customer.example", "TXT"): [b"v=spf1 -all", b"v=spf1 +all"]}).result == "permerror"
    assert check({("customer.example", "TXT"): ["silent"]}).result == "temperror"
    assert check(txt("v=spf1 include:b.example -all") | {("b.example", "TXT"): ["silent"]}).result == "temperror"


def test_an_envelope_full_of_rubbish_is_harmless() -> None:
    zone = txt("v=spf1 exists:%{l}.%{d} -all")
    for sender in (
        "a" * 500 + "@customer.example",
        "\x00@customer.example",
        "é@customer.example",
        '"a b"@customer.example',
        "%{l}@customer.example",
    ):
        assert check(zone, sender=sender).result in ("fail", "permerror")
    for sender in ("@", "nadia", "a@b", "a@..", "a@" + "x" * 300 + ".example", "a@[192.0.2.1]", "a@straße.example"):
        assert check(zone, sender=sender).result == "none"
    assert check(zone, sender="", greeting="[192.0.2.1]").result == "none"


def test_case_and_the_last_dot_of_a_domain_do_not_matter() -> None:
    assert check(txt("v=spf1 ip4:192.0.2.25 -all"), sender="Nadia@Customer.EXAMPLE.").result == "pass"


@pytest.mark.parametrize(
    ("peer", "outside"),
    [
        *((address, True) for address in ("192.0.2.25", "2001:db8::1", "::ffff:192.0.2.25", "IPv6:2001:db8::1")),
        *((address, False) for address in ("::ffff:10.0.0.1", "10.9.8.7", "172.20.0.1", "fe80::1", "fd00::1", "", "unix")),
    ],
)
def test_addresses_of_ones_own_networks_are_nobodys_path(peer: str, outside: bool) -> None:
    assert path.outside(peer) is outside
