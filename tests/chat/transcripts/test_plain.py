"""What people wrote is whole and acts on nothing: every control character can be seen, and no direction leaks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.transcripts.later import Later
from chat.transcripts.plain import inline, isolated, visible

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]")
any_text = st.text(st.one_of(st.sampled_from("\x1b\x9b\r\n\t\x7f\u2028\u202e\u2066\u2067\u2068\u2069 aא"), st.characters()), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with\ta tab\nand a line", "plain, with\ta tab\nand a line"),
        ("\x1b[2J\x07\x00", "\u241b[2J\u2407\u2400"),
        ("\x9b31m\x7f", "\\x9b31m\u2421"),
        ("over\rwritten\r\nnext", "over\u240dwritten\nnext"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("gnp\u202egpj.exe", "gnp[U+202E]gpj.exe"),
        ("\u2068אב\u2069 said", "\u2068אב\u2069 said"),
        ("\u2068never closed", "[U+2068]never closed"),
        ("closed too\u2069 early\u2068", "closed too[U+2069] early[U+2068]"),
    ],
)
def test_what_acts_becomes_a_sign(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(any_text)
def test_nothing_acts_any_more_and_a_second_look_changes_nothing(text: str) -> None:
    shown = visible(text)
    assert not ACTING.search(shown)
    assert visible(shown) == shown
    for line in shown.split("\n"):
        assert len(re.findall("[\u2066-\u2068]", line)) == line.count("\u2069")


@given(any_text)
def test_a_name_is_one_line_that_leaves_its_neighbours_alone(text: str) -> None:
    name = isolated(inline(text))
    assert "\n" not in name
    assert "\t" not in name
    assert visible(name) == name


@given(st.lists(st.binary(max_size=200_000), max_size=12))
def test_what_is_put_aside_comes_back_in_order(pieces: list[bytes]) -> None:
    with Later() as later:
        for piece in pieces:
            later.put(piece)
        assert later.empty == (not pieces)
        assert b"".join(later.pieces()) == b"".join(pieces)
