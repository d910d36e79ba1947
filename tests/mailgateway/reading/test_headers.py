"""Lenient reading of header fields."""

from __future__ import annotations

import pytest

from mailgateway.reading import headers


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
        ("Nadia (home (and (away)))Lang <nadia@x.example>", [("Nadia Lang", "nadia@x.example")]),
        ("nadia@x.example <tom@y.example>", [("nadia@x.example", "tom@y.example")]),
        ("=?utf-8?q?tom=40y.example=3E=2C_=3Cnadia?= <nadia@x.example>", [("tom@y.example>, <nadia", "nadia@x.example")]),
        ("< nadia @ x.example >", [("", "nadia@x.example")]),
        ("<Nadia nadia@x.example>", [("", "nadia@x.example")]),
        ('"Lang\\" Nadia" <nadia@x.example>', [('Lang" Nadia', "nadia@x.example")]),
        ("a@x.example b@x.example", [("b@x.example", "a@x.example")]),
        ("Nadia <nadia@[192.0.2.1]>", [("Nadia", "nadia@[192.0.2.1]")]),
        ("Nadia <n@x.example> Tom <t@x.example>", [("Nadia", "n@x.example"), ("Tom", "t@x.example")]),
        ("Nadia <n@x.example> of the shop", [("Nadia", "n@x.example")]),
        ('"Nadia" <n@x.example>:<t@y.example>', [("Nadia", "n@x.example"), ("", "t@y.example")]),
        ("@x.example, nadia@, @, <>", []),
        ('"offers@shop.example", <nadia@x.example>', [("offers@shop.example", "nadia@x.example")]),
        ('"a@x.example", <b@x.example>, "Tom" <tom@x.example>', [("a@x.example", "b@x.example"), ("Tom", "tom@x.example")]),
        ("Nadia Lang (<nadia@x.example>)", [("Nadia Lang", "nadia@x.example")]),
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


@pytest.mark.parametrize(
    ("value", "main", "found"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('Text/Plain;CHARSET="UTF-8";', "text/plain", {"charset": "UTF-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("text/plain (no comment); charset=utf-8 (yes)", "text/plain", {"charset": "utf-8 (yes)"}),
        ('multipart/mixed; boundary="a;b=c\\"d"; type=x', "multipart/mixed", {"boundary": 'a;b=c"d', "type": "x"}),
        ("attachment; filename=a b.txt; size=1", "attachment", {"filename": "a b.txt", "size": "1"}),
        ('attachment; filename="a" filename="b"', "attachment", {"filename": "a"}),
        ("attachment; name*2=c; name*0=a; name*1=b", "attachment", {"name": "abc"}),
        ("attachment; filename*=%C3%B6.txt", "attachment", {"filename": "ö.txt"}),
        ("attachment; filename*=x'y", "attachment", {"filename": "x'y"}),
        ("", "", {}),
        (";;=;x;=y", "", {}),
    ],
)
def test_parameters_are_read_in_all_common_spellings(value: str, main: str, found: dict[str, str]) -> None:
    assert headers.parameters(value) == (main, found)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?a_b?=", "a b"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?q?a b?=", "a b"),
        ("=?utf-8?q?a??=", "a?"),
        ("=?utf-8?q?open", "open"),
        ("=?utf-8?q?one =?utf-8?q?two?=", "=?utf-8?q?one two"),
        ("=?utf-8?b?YQ==?==?utf-8?b?Yg==?=", "ab"),
        ("=?x-nonsense?q?=E4?=", "ä"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?iso-2022-jp?b?GyRCJWk=?=", "ラ"),
        ("a =?utf-8?q?=0A=0D=00Bcc:?=", "a Bcc:"),
    ],
)
def test_encoded_words_are_read_in_all_common_spellings(value: str, text: str) -> None:
    assert headers.words(value) == text


def test_an_address_that_was_folded_within_its_tag_is_one_again() -> None:
    for value in (
        "<support+abcdefgh ijkl234@shop.example>",
        "support+abcdefgh ijkl234@shop.example",
        "Shop <support+abcdefgh\t ijkl234@shop.example>",
    ):
        assert [box.address for box in headers.addresses(value)] == ["support+abcdefghijkl234@shop.example"]
    assert [box.address for box in headers.addresses("C++ Club club@x.example, <Nadia Lang nadia@x.example>")] == [
        "club@x.example",
        "nadia@x.example",
    ]
