"""What the writer remembers of conversations stays within its bounds."""

from __future__ import annotations

import pytest

from chat.ledger import heads
from chat.ledger.batch import Head
from chat.ledger.heads import Heads
from chat.ledger.state import Commitment, State


def test_the_one_that_was_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MOST", 3)
    kept = Heads()
    for conversation in (1, 2, 3):
        kept.remember({conversation: Head(site=1, number=conversation)})
    kept.remember({1: Head(site=1, number=1, position=2)})
    kept.remember({4: Head(site=1, number=4)})
    taken = kept.take([1, 2, 3, 4])
    assert taken.keys() == {1, 3, 4}
    assert taken[1].position == 2


def test_long_states_leave_room_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "OCTETS", 100_000)
    kept = Heads()
    promise = Commitment(position=2, text="We call back. " * 500, due=1, by="Tom", owner="agent:3")
    for conversation in range(50):
        kept.remember({conversation: Head(site=1, number=1, state=State(commitments=(promise,)))})
    assert 2 < len(kept) < 10
    assert kept.octets <= 100_000


def test_what_is_taken_takes_no_room() -> None:
    kept = Heads()
    kept.remember({1: Head(site=1, number=1), 2: Head(site=1, number=2)})
    kept.take([1, 2, 3])
    assert (len(kept), kept.octets) == (0, 0)
