"""What is told about the records of our own domain: what to publish, what is found, and the gap in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from mailgateway.proof import dns_records, evidence, signing
from mailgateway.proof.dns_records import Finding
from mailgateway.proof.lookups import system
from tests.services.dns import NameServer

RELAY = "192.0.2.25"


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameServer]:
    server = NameServer()
    with override_settings(NAME_SERVERS=[server.address], DKIM_KEYS=tmp_path, DKIM=["s1"]):
        before = evidence.look_up_with(system())
        signing.make("s1")
        yield server
        evidence.look_up_with(before)
    server.stop()


def told(**known: object) -> dict[str, Finding]:
    evidence.look_up_with(system())  # what was remembered is of the records before
    return {
        finding.what: finding for finding in dns_records.findings(**{"mail_host": "mail.support.example", "sends_from": [RELAY]} | known)
    }  # type: ignore[arg-type]


def test_an_empty_zone_has_every_gap_and_each_line_to_publish_closes_it(names: NameServer) -> None:
    first = told()
    assert [finding.state for finding in first.values()] == ["gap"] * 4
    assert first["MX"].line() == "support.example. IN MX 10 mail.support.example."
    for finding in first.values():
        names.put(finding.name, finding.kind, finding.publish)
    second = told()
    assert [finding.state for finding in second.values()] == ["good"] * 4, [finding.sentence for finding in second.values()]


@pytest.mark.parametrize(
    ("kind", "values", "what", "words"),
    [
        ("MX", ["0 ."], "MX", "takes no mail at all"),
        ("MX", ["10 mx.elsewhere.example."], "MX", "mx.elsewhere.example"),
        ("TXT", ["v=spf1 -all"], "SPF", "does not let our relay send"),
        ("TXT", ["v=spf1 +all"], "SPF", "every server there is"),
        ("TXT", ["v=spf1 mx ~all", "v=spf1 -all"], "SPF", "2 SPF records"),
        ("TXT", ["v=spf1 include:support.example include:gone.example -all"], "SPF", "does not let our relay send"),
    ],
)
def test_a_wrong_record_is_explained(names: NameServer, kind: str, values: list[str], what: str, words: str) -> None:
    names.put("support.example", kind, *values)
    found = told()[what]
    assert found.state == "gap" and words in found.sentence


def test_another_key_than_ours_and_a_missing_one_are_told_apart(names: NameServer) -> None:
    name, value = signing.record("s1")
    names.put(name, "TXT", value.replace("p=MI", "p=XX"))
    assert "another key" in told()["DKIM"].sentence
    with override_settings(DKIM=["s9"]):
        assert "throughline dkim s9" in told()["DKIM"].sentence
    with override_settings(DKIM=[]):
        assert "not signed here" in told()["DKIM"].sentence


def test_where_nobody_answers_nothing_is_called_missing(names: NameServer) -> None:
    with override_settings(NAME_SERVERS=["off"]):
        assert {finding.state for finding in told().values()} == {"unknown"}
    with override_settings(MAIL_DOMAIN="localhost"):
        assert [finding.state for finding in dns_records.findings()] == ["unknown"]


def test_mail_that_is_fetched_needs_no_mx_of_ours(names: NameServer) -> None:
    assert "MX" not in told(by_port_25=False)
