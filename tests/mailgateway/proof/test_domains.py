"""Names that look alike are not alike, and names that are alike need not look it."""

from __future__ import annotations

import pytest

from mailgateway.proof import domains


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("mail.customer.example", "customer.example"),
        ("a.b.customer.co.uk", "customer.co.uk"),
        ("customer.co.uk", "customer.co.uk"),
        ("co.uk", ""),
        ("shop.github.io", "shop.github.io"),
        ("foo-bar.example", "foo-bar.example"),
        ("Mail.Bücher.example", "xn--bcher-kva.example"),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_an_owner_is_one_label_below_a_public_suffix(name: str, owner: str) -> None:
    assert domains.owner(name) == owner


@pytest.mark.parametrize(
    ("one", "other", "relaxed", "strict"),
    [
        ("customer.example", "customer.example", True, True),
        ("Customer.Example.", "customer.example", True, True),
        ("mail.customer.example", "news.customer.example", True, False),
        ("evil-customer.example", "customer.example", False, False),
        ("customer.example.evil.example", "customer.example", False, False),
        ("one.co.uk", "two.co.uk", False, False),
        ("co.uk", "customer.co.uk", False, False),
        ("one.github.io", "two.github.io", False, False),
        ("bücher.example", "xn--bcher-kva.example", True, True),
        ("straße.example", "strasse.example", False, False),
        ("cust\u043emer.example", "customer.example", False, False),
        ("customer\u3002example", "customer.example", False, False),
        ("", "", False, False),
        ("example", "example", False, False),
    ],
)
def test_only_domains_of_one_owner_are_aligned(one: str, other: str, relaxed: bool, strict: bool) -> None:
    assert domains.aligned(one, other) is relaxed
    assert domains.aligned(one, other, strict=True) is strict
    assert domains.aligned(other, one) is relaxed


@pytest.mark.parametrize("name", ["a..b", "a b.example", "-", "x" * 300 + ".example", "a@b.example", "a.example;d", "\x00.example", "."])
def test_what_is_no_name_is_nobodys(name: str) -> None:
    assert domains.plain(name) == ""
