"""The numbers of other processes' bells: a gap is seen, whatever way it comes about."""

from __future__ import annotations

from server.bells_heard import SILENT, Numbers


def bell(numbers: Numbers, number: int, *, now: float = 100, name: str = "node") -> bool:
    return numbers.heard(name, number, beat=False, now=now)


def beat(numbers: Numbers, number: int, *, now: float = 100, name: str = "node") -> bool:
    return numbers.heard(name, number, beat=True, now=now)


def test_a_row_from_the_beginning_has_no_gap() -> None:
    numbers = Numbers()
    assert not any([beat(numbers, 0), bell(numbers, 1), bell(numbers, 2), beat(numbers, 2), bell(numbers, 3)])


def test_a_jump_is_a_gap_once() -> None:
    numbers = Numbers()
    assert [bell(numbers, 1), bell(numbers, 3), bell(numbers, 4)] == [False, True, False]


def test_a_beat_shows_that_the_bell_before_it_is_missing() -> None:
    numbers = Numbers()
    assert [bell(numbers, 1), beat(numbers, 2), bell(numbers, 3)] == [False, True, False]


def test_an_old_bell_that_comes_late_is_no_gap_and_takes_nothing_back() -> None:
    numbers = Numbers()
    assert [bell(numbers, 1), bell(numbers, 3), bell(numbers, 2), bell(numbers, 4)] == [False, True, False, False]


def test_of_somebody_new_who_has_spoken_before_something_was_missed() -> None:
    numbers = Numbers()
    assert bell(numbers, 7)
    assert beat(numbers, 7, name="second")
    assert not bell(numbers, 1, name="third")


def test_after_a_cut_everybody_is_new() -> None:
    numbers = Numbers()
    bell(numbers, 1)
    numbers.forget()
    assert bell(numbers, 2)


def test_somebody_who_fell_silent_is_missed_once() -> None:
    numbers = Numbers()
    bell(numbers, 1, now=100)
    beat(numbers, 0, now=100 + SILENT, name="lively")
    assert not numbers.silent(100 + SILENT)
    assert numbers.silent(102 + SILENT)
    assert not numbers.silent(104 + SILENT)
    assert len(numbers) == 1


def test_who_said_goodbye_is_not_missed() -> None:
    numbers = Numbers()
    bell(numbers, 1, now=100)
    numbers.gone("node")
    assert not numbers.silent(200)
