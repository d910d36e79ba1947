"""What waits to be told: each conversation once, bounded, and a loss told once."""

from __future__ import annotations

from server import bells_waiting
from server.bells_waiting import Waiting


def open_line() -> tuple[Waiting, list[bool]]:
    woken: list[bool] = []
    waiting = Waiting(lambda: woken.append(True))
    waiting.open()
    return waiting, woken


def test_many_commits_of_one_conversation_wake_once_and_are_one_word() -> None:
    waiting, woken = open_line()
    for position in (1, 3, 2):
        waiting.put({"reached": {"41": position}})
    assert woken == [True]
    assert waiting.take() == {"n": 1, "r": {41: 3}}
    assert waiting.take() is None


def test_more_conversations_than_may_wait_are_lost_and_that_is_told_first() -> None:
    waiting, _ = open_line()
    most = bells_waiting.CONVERSATIONS
    waiting.put({"reached": {str(cid): 1 for cid in range(most + 5)}})
    assert waiting.lost == 5
    first, *rest = iter(waiting.take, None)
    assert first["l"] > 0
    assert sum(len(bell["r"]) for bell in (first, *rest)) == most
    assert all(len(bell["r"]) <= bells_waiting.AT_ONCE and "l" not in bell for bell in rest)
    assert [bell["n"] for bell in (first, *rest)] == list(range(1, len(rest) + 2))


def test_without_a_line_nothing_is_kept_and_the_loss_is_told_once_on_return() -> None:
    waiting, woken = open_line()
    waiting.put({"reached": {"41": 1}})
    waiting.shut()
    waiting.put({"reached": {"41": 2, "42": 1}})
    waiting.put({"whisper": {"typing": {}}, "conversation": "41"})
    assert (waiting.lost, woken) == (3, [True])
    waiting.open()
    bell = waiting.take()
    assert bell is not None and set(bell) == {"n", "l"}
    assert waiting.take() is None


def test_a_line_cut_and_mended_with_nothing_to_tell_tells_nothing() -> None:
    waiting, _ = open_line()
    waiting.shut()
    waiting.open()
    assert waiting.take() is None


def test_a_bell_that_may_not_have_been_heard_is_told_as_a_loss_since_its_own_loss() -> None:
    waiting, _ = open_line()
    waiting.lose({"n": 1, "r": {41: 1}, "l": 1_000})
    assert waiting.lost == 1
    assert waiting.take() == {"n": 1, "l": 1_000}


def test_whispers_are_bounded_and_no_loss() -> None:
    waiting, _ = open_line()
    for _ in range(bells_waiting.WHISPERS + 5):
        waiting.put({"whisper": {"typing": {}}, "conversation": "41"})
    bell = waiting.take()
    assert bell is not None and len(bell["w"]) == bells_waiting.WHISPERS
    assert waiting.lost == 0
