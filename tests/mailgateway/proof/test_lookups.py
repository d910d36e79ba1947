"""Questions about strangers' domains: bounded, remembered, and never mistaken for an answer. The name server is a real one on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.test import override_settings

from mailgateway.proof import lookups
from mailgateway.proof.lookups import Dns, Lookups, Unanswered, system
from tests.services.dns import NameServer


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer({("customer.example", "TXT"): ["v=spf1 -all"], ("alias.example", "CNAME"): ["customer.example"]})
    yield server
    server.stop()


@pytest.fixture
def dns(names: NameServer) -> Iterator[Dns]:
    with override_settings(NAME_SERVERS=[names.address]):
        yield system()


def test_values_come_as_they_stand_and_aliases_are_followed(names: NameServer, dns: Dns) -> None:
    names.put("customer.example", "MX", "20 b.example.", "10 a.example.")
    names.put("customer.example", "A", "192.0.2.1")
    names.put("1.2.0.192.in-addr.arpa", "PTR", "mail.customer.example.")
    ask = Lookups(dns)
    assert ask.ask("Customer.Example.") == [b"v=spf1 -all"]
    assert ask.ask("alias.example") == [b"v=spf1 -all"]
    assert sorted(ask.ask("customer.example", "MX")) == [(10, "a.example"), (20, "b.example")]
    assert ask.ask("customer.example", "A") == ["192.0.2.1"]
    assert ask.ask("1.2.0.192.in-addr.arpa", "PTR") == ["mail.customer.example"]
    assert ask.ask("gone.example") == [] and ask.ask("customer.example", "AAAA") == []


def test_a_long_record_comes_over_tcp(names: NameServer, dns: Dns) -> None:
    names.put("long.example", "TXT", "x" * 30_000)
    assert Lookups(dns).ask("long.example") == [b"x" * 30_000]
    Lookups(dns).ask("long.example")
    assert len([name for name, _ in names.asked if name == "long.example"]) == 4, "twice by UDP and TCP: it is too large to be remembered"


def test_aliases_in_a_ring_come_to_an_end(names: NameServer, dns: Dns) -> None:
    names.put("a.example", "CNAME", "b.example")
    names.put("b.example", "CNAME", "a.example")
    with suppress(Unanswered):
        assert Lookups(dns, patience=2).ask("a.example") == []


def test_an_answer_is_remembered_and_so_is_silence_for_a_while(names: NameServer, dns: Dns) -> None:
    names.silent.add("hangs.example")
    for _ in range(3):
        Lookups(dns).ask("customer.example")
        with pytest.raises(Unanswered):
            Lookups(dns, patience=0.2).ask("hangs.example")
    assert names.asked.count(("customer.example", "TXT")) == 1
    assert names.asked.count(("hangs.example", "TXT")) == 1


def test_time_and_questions_of_one_mail_are_limited(names: NameServer, dns: Dns) -> None:
    ask = Lookups(dns, questions=2)
    ask.ask("customer.example")
    ask.ask("customer.example")
    with pytest.raises(Unanswered):
        ask.ask("customer.example")
    with pytest.raises(Unanswered):
        Lookups(dns, patience=0).ask("customer.example")


def test_what_is_no_name_is_not_asked_for(dns: Dns, names: NameServer) -> None:
    for name in ("", ".", "a..b", "x" * 64 + ".example", "x." * 200 + "example", "ü.example"):
        assert Lookups(dns).ask(name) == []
    assert names.asked == []


def test_a_name_server_that_is_away_gets_less_and_less_time() -> None:
    given: list[float] = []

    def ask(name: str, kind: str, seconds: float) -> tuple[list[bytes], float]:
        given.append(seconds)
        raise Unanswered

    server = Dns(ask)
    for number in range(lookups.IN_A_ROW + 2):
        with pytest.raises(Unanswered):
            Lookups(server).ask(f"d{number}.example")
    assert given[0] > 4 and given[-1] == lookups.HURRIED


def test_no_name_server_at_all_is_silence() -> None:
    with override_settings(NAME_SERVERS=["off"]), pytest.raises(Unanswered):
        Lookups(system()).ask("customer.example")
    began = time.monotonic()
    with override_settings(NAME_SERVERS=["127.0.0.1:1"]), pytest.raises(Unanswered):
        Lookups(system(), patience=0.3).ask("customer.example")
    assert time.monotonic() - began < 5
