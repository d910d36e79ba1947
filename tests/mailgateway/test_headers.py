"""Lenient reading of header fields."""

from __future__ import annotations

import pytest

from mailgateway import headers


@pytest.mark.parametrize(
    ("value", "boxes"),
    [
        ("nadia@customer.example", [("", "nadia@customer.example")]),
        ('"Lang, Nadia" <Nadia@Customer.Example>, tom@shop.example', [("Lang, Nadia", "Nadia@customer.example"), ("", "tom@shop.example")]),
        ("tom@shop.example (Tom, of the shop)", [("Tom, of the shop", "tom@shop.example")]),
        ("Friends: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?q?J=C3=B8rgen?= <j@x.example>; k@x.example", [("Jørgen", "j@x.example"), ("", "k@x.example")]),
        ("<mailto:a@x.example>", [("", "a@x.example")]),
        ("<@relay.example:a@x.example>", [("", "a@x.example")]),
        ('"broken <a@x.example>', [("broken", "a@x.example")]),
        ("nobody", []),
    ],
)
def test_addresses_are_found_in_all_common_spellings(value: str, boxes: list[tuple[str, str]]) -> None:
    assert [(box.name, box.address) for box in headers.addresses(value)] == boxes


def test_words_cut_in_the_middle_of_a_character_are_joined() -> None:
    assert headers.words("=?UTF-8?B?4oK?= =?UTF-8?B?s?= end") != ""
    assert headers.words("=?utf-8?q?=E2=82?= =?utf-8?q?=AC_5?= only") == "€ 5 only"


def test_a_date_without_a_zone_is_utc_and_nonsense_is_none() -> None:
    assert headers.date("Sun, 22 Nov 2026 00:00:00 +0100") == 1795302000 * 1_000_000
    assert headers.date("22 Nov 2026 00:00:00") == 1795305600 * 1_000_000
    for nonsense in ("", "yesterday", "Wed, 15 Dec 2010    59:10 -0500", "1 Jan 99999 00:00:00 +0000"):
        assert headers.date(nonsense) is None


def test_continued_parameters_are_put_together() -> None:
    main, found = headers.parameters("attachment; filename*0*=utf-8''%E2%82%AC; filename*1=\" price.pdf\"")
    assert (main, found["filename"]) == ("attachment", "€ price.pdf")
