"""Decoding when the label lies, is missing or unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.charset import clean, decode


@pytest.mark.parametrize(
    ("raw", "label", "text", "note"),
    [
        ("größer".encode(), "utf-8", "größer", ""),
        ("größer".encode("latin-1"), "iso-8859-1", "größer", ""),
        ("größer".encode(), "iso-8859-1", "größer", "charset-wrong"),
        ("größer".encode(), "us-ascii", "größer", ""),
        ("größer".encode("latin-1"), "us-ascii", "größer", "charset-wrong"),
        ("größer".encode(), "", "größer", "charset-missing"),
        ("größer".encode("cp1252"), "x-nonsense", "größer", "charset-unknown"),
        (b"plain", "", "plain", ""),
        ("“price” 5 €".encode("cp1252"), "iso-8859-1", "“price” 5 €", ""),
        ("привет".encode("koi8-r"), "KOI8-R", "привет", ""),
        ("こんにちは".encode("shift_jis"), '"x-sjis"', "こんにちは", ""),
        ("こんにちは".encode("iso2022_jp"), "", "こんにちは", ""),
        ("안녕".encode("cp949"), "ks_c_5601-1987", "안녕", ""),
        ("中文".encode("gbk"), "gb2312", "中文", ""),
        ("€".encode("utf-16"), "utf-8", "€", ""),
        ("ランプが点滅".encode("utf-16-be"), "utf-16", "ランプが点滅", ""),
        ("Лампа мигает".encode("utf-16-le"), "utf-16", "Лампа мигает", ""),
        (b"plain after all", "utf-16", "plain after all", "charset-wrong"),
        (b"abc", "punycode", "abc", "charset-unknown"),
        (b"YWJj", "base64", "YWJj", "charset-unknown"),
    ],
)
def test_text_comes_out_right_and_a_false_label_is_noted(raw: bytes, label: str, text: str, note: str) -> None:
    assert decode(raw, label) == (text, note)


def test_one_broken_byte_does_not_garble_the_rest() -> None:
    text, note = decode("Übermäßig schöne Grüße".encode() + b"\xff" + " für Nadia".encode(), "utf-8")
    assert text == "Übermäßig schöne Grüßeÿ für Nadia"
    assert note == "charset-wrong"


def test_controls_and_surrogates_are_removed_and_line_ends_are_one_kind() -> None:
    assert clean("a\r\nb\rc\x00\x1b\td\ud800") == "a\nb\nc\td"


@given(st.binary(max_size=400), st.text(max_size=20))
def test_any_bytes_under_any_label_become_storable_text(raw: bytes, label: str) -> None:
    text, _ = decode(raw, label)
    assert "\x00" not in text
    text.encode("utf-8")
