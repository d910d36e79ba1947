"""What is counted holds over processes and restarts, within an hour, and costs few writes."""

from __future__ import annotations

import pytest

from chat.people.tally import Counter, Tally

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 500_000 * 3600.0

    def __call__(self) -> float:
        return self.now


def test_two_processes_count_together_and_a_new_one_knows() -> None:
    clock = Clock()
    first, second = Counter("mails", step=1, clock=clock), Counter("mails", step=1, clock=clock)
    assert [first.add("nadia"), second.add("nadia"), first.add("nadia")] == [1, 2, 3]
    assert Counter("mails", step=1, clock=clock).add("nadia") == 4
    assert first.add("ines") == 1
    assert Counter("notes", step=1, clock=clock).add("nadia") == 1


def test_what_was_an_hour_ago_fades() -> None:
    clock = Clock()
    counter = Counter("mails", step=1, clock=clock)
    for _ in range(10):
        counter.add("nadia")
    clock.now += 3600 + 1800
    assert counter.add("nadia") == 1 + 5
    clock.now += 3600 * 2
    assert counter.add("nadia") == 1


def test_a_step_is_written_once_and_old_rows_go() -> None:
    clock = Clock()
    counter = Counter("mails", step=5, clock=clock)
    assert [counter.add("nadia") for _ in range(12)] == list(range(1, 13))
    assert Tally.objects.get().count == 10
    clock.now += 3600 * 5
    for _ in range(5):
        counter.add("ines")
    assert [row.count for row in Tally.objects.all()] == [5]
    assert "nadia" not in str(list(Tally.objects.values()))
