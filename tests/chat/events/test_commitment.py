"""A promise is open until it is kept, withdrawn or replaced, and it goes with the conversation."""

from __future__ import annotations

from chat.events.commitment import CommitmentKept, CommitmentMade, CommitmentReplaced, CommitmentWithdrawn
from chat.ledger.event import Audience, Kind, Stamp
from chat.ledger.state import State

FRIDAY = 1_764_255_600_000_000


def _after(*bodies: Kind, state: State | None = None) -> State:
    state = state or State()
    for position, body in enumerate(bodies, 1):
        state = body.fold(state, Stamp(position=position, at=position, actor="agent:3", channel="widget", audience=Audience.EVERYONE))
    return state


def test_a_promise_is_open_and_its_maker_answers_for_it() -> None:
    (promise,) = _after(CommitmentMade(by="Tom", text="Refund", due=FRIDAY)).open_commitments()
    assert (promise.position, promise.owner, promise.due) == (1, "agent:3", FRIDAY)


def test_whoever_has_the_conversation_answers_for_the_promise() -> None:
    state = _after(CommitmentMade(by="Tom", text="Refund", due=FRIDAY), state=State(assignee="agent:4"))
    assert state.commitments[0].owner == "agent:4"


def test_a_kept_promise_is_not_open() -> None:
    state = _after(CommitmentMade(by="Tom", text="Refund", due=FRIDAY), CommitmentKept(by="Ines", of=1, proof="RF-1"))
    assert [c.state for c in state.commitments] == ["kept"]
    assert state.open_commitments() == ()


def test_a_kept_promise_cannot_be_withdrawn_afterwards() -> None:
    made = CommitmentMade(by="Tom", text="Refund", due=FRIDAY)
    state = _after(made, CommitmentKept(by="Ines", of=1), CommitmentWithdrawn(by="Tom", of=1, reason="No."))
    assert [c.state for c in state.commitments] == ["kept"]


def test_a_replaced_promise_leaves_its_successor_open() -> None:
    made = CommitmentMade(by="Tom", text="Refund", due=FRIDAY)
    state = _after(made, CommitmentReplaced(by="Tom", of=1, text="Refund of EUR 40", due=FRIDAY + 1))
    assert [(c.position, c.state) for c in state.commitments] == [(1, "replaced"), (2, "open")]
