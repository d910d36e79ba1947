"""What a figure says of itself: the median round, and whether a target is reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import wording
from benchmarks.figures import Figure

CHAT = Figure(
    key="chat.daphne",
    title="Durable chat / raw echo",
    a="durable chat",
    b="raw echo",
    unit="messages/s",
    values_a=(300.0, 310.0, 900.0),
    values_b=(1000.0, 1000.0, 1000.0),
    target=0.3,
    gross=0.05,
)


def test_the_ratio_is_that_of_the_median_round() -> None:
    assert CHAT.ratio == pytest.approx(0.31)
    assert (CHAT.least, CHAT.most) == (pytest.approx(0.3), pytest.approx(0.9))


def test_a_figure_without_a_second_side_is_its_own_value() -> None:
    alone = replace(CHAT, values_a=(30.0, 33.0, 31.0), values_b=(), b="", unit="KB", target=34, at_least=False)
    assert alone.ratio == 31.0
    assert alone.reached
    assert wording.line(alone) == "chat.daphne: 31.0 (30.0 to 33.0) KB; ≤ 34.0 reached"


def test_a_target_is_a_least_or_a_most() -> None:
    assert CHAT.reached
    assert not replace(CHAT, target=0.4).reached
    assert not replace(CHAT, at_least=False, target=0.3).reached
    assert replace(CHAT, at_least=False, target=0.32).reached
    assert replace(CHAT, target=None).reached


def test_a_missed_target_says_by_how_much() -> None:
    assert wording.verdict(replace(CHAT, target=0.62)) == "missed by 50 %"
    assert wording.verdict(replace(CHAT, at_least=False, target=0.1)) == "missed, 3.10 times too much"
    assert wording.verdict(replace(CHAT, target=None)) == ""


def test_only_gross_misses_count_in_the_quick_run() -> None:
    assert not replace(CHAT, target=0.9).grossly_missed
    assert replace(CHAT, gross=0.5).grossly_missed
    assert not replace(CHAT, gross=None).grossly_missed


def test_numbers_have_three_digits_that_count() -> None:
    assert [wording.number(value) for value in (12345.6, 999.4, 42.06, 3.14159, 0.0312, 0.0)] == [
        "12,346",
        "999",
        "42.1",
        "3.14",
        "0.031",
        "0.00",
    ]
