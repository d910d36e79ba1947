"""Reading Authentication-Results as they are written, and as nobody should write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgateway.proof import front
from mailgateway.proof.front import Stated

GMAIL = """mx.google.com;
       dkim=pass header.i=@customer.example header.s=s1 header.b=abc;
       arc=pass (i=1 spf=pass spfdomain=customer.example dkim=pass);
       spf=pass (google.com: domain of nadia@customer.example designates 192.0.2.25 as permitted sender)
         smtp.mailfrom=nadia@customer.example;
       dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=customer.example"""


def pairs(value: str) -> list[tuple[str, str]]:
    return [(one.method, one.result) for one in front.parse(value)[1]]


def test_gmail_is_read_with_its_policy() -> None:
    name, results = front.parse(GMAIL)
    assert name == "mx.google.com"
    assert results == (
        Stated("dkim", "pass", "customer.example"),
        Stated("arc", "pass"),
        Stated("spf", "pass", "customer.example"),
        Stated("dmarc", "pass", "customer.example", "reject"),
    )


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("mx.example; none", []),
        ("mx.example 1; spf=fail smtp.mailfrom=a@b.example", [("spf", "fail")]),
        ('mx.example; dkim=fail reason="bad; dmarc=pass" header.d=b.example', [("dkim", "fail")]),
        ("mx.example; spf=none (dmarc=pass; dkim=pass) smtp.mailfrom=b.example", [("spf", "none")]),
        ("mx.example; dkim = pass header.d = b.example", [("dkim", "pass")]),
        ("mx.example; dkim/1=pass header.d=b.example", [("dkim", "pass")]),
        ("mx.example; dkim=pass (ok (nested \\) ) still) header.d=b.example", [("dkim", "pass")]),
        ("mx.example; iprev=pass; auth=pass; x-foo=bar; dkim=splendid", []),
        ("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=b.example; dmarc=fail action=quarantine", [("spf", "pass"), ("dmarc", "fail")]),
        ("", []),
        (";;;;", []),
        ("(" * 9000, []),
    ],
)
def test_results_are_read_as_written(value: str, results: list[tuple[str, str]]) -> None:
    assert pairs(value) == results


def test_the_name_must_be_the_very_name() -> None:
    for name in ("mx.example.evil.example", "xmx.example", "mx.example@", "mx"):
        fields = [("authentication-results", f"{name}; dmarc=pass header.from=b.example")]
        assert front.stated(fields, ["mx.example"], below_one=True) == ()
    fields = [("authentication-results", "MX.Example; dmarc=pass header.from=b.example")]
    assert [one.result for one in front.stated(fields, ["mx.example"], below_one=True)] == ["pass"]
    assert front.stated(fields, [], below_one=False) == ()


def test_for_each_method_the_topmost_line_counts() -> None:
    fields = [
        ("authentication-results", "mx.example; spf=fail smtp.mailfrom=b.example"),
        ("authentication-results", "mx.example; dkim=none; spf=pass smtp.mailfrom=b.example"),
        ("received", "from outside by mx.example"),
        ("authentication-results", "mx.example; dmarc=pass header.from=b.example; dkim=pass header.d=b.example"),
    ]
    found = front.stated(fields, ["mx.example"], below_one=True)
    assert [(one.method, one.result) for one in found] == [("spf", "fail"), ("dkim", "none")]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from('abdkimspfrc=;()"\\/ \t.@1pass'), max_size=120))
def test_whatever_stands_there_is_read_without_a_fault(value: str) -> None:
    name, results = front.parse(value)
    assert isinstance(name, str) and all(one.result in front.RESULTS for one in results)
