"""A signed checkpoint over all heads proves one conversation to others, and says itself when it was changed."""

from __future__ import annotations

import base64

import pytest

from chat.events.talk import MessageSaid
from chat.ledger import blobs, checkpoints, merkle, note, read
from chat.ledger.models import Checkpoint
from chat.people import signing_keys
from chat.transcripts import checkpoint
from tests.chat.nadia import NadiasCase

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]


def _case() -> NadiasCase:
    case = NadiasCase()
    case.add(MessageSaid(by="Nadia", text="My lamp has a dent."))
    return case


def _keys() -> list[str]:
    return [key.vkey for key in signing_keys.public_keys()]


def test_a_checkpoint_is_a_signed_note_of_three_lines() -> None:
    for _ in range(3):
        _case()
    made = checkpoint.make()
    assert note.opened(made.note, _keys()) == f"localhost/checkpoint\n3\n{base64.b64encode(made.root).decode()}\n"
    assert checkpoints.newest() == made


def test_one_conversation_is_proved_without_the_others() -> None:
    cases = [_case() for _ in range(5)]
    made = checkpoint.make()
    for case in cases:
        head = read.head(case.conversation)
        found = checkpoint.included(case.conversation, upto=99)
        assert head and found
        assert (found.position, found.seal) == (head.position, head.seal)
        leaf = case.conversation.to_bytes(8, "big") + found.position.to_bytes(8, "big") + found.seal
        assert merkle.root_from(merkle.leaf_hash(leaf), found.index, 5, found.path) == made.root


def test_the_proof_is_text_as_other_tools_read_it() -> None:
    cases = [_case() for _ in range(3)]
    made = checkpoint.make()
    found = checkpoint.included(cases[1].conversation, upto=99)
    assert found is not None
    lines, _, rest = found.proof().partition("\n\n")
    kind, extra, index, *path = lines.split("\n")
    assert (kind, index) == ("c2sp.org/tlog-proof@v1", f"index {found.index}")
    leaf = base64.b64decode(extra.removeprefix("extra "))
    assert merkle.root_from(merkle.leaf_hash(leaf), found.index, 3, [base64.b64decode(one) for one in path]) == made.root
    assert rest == made.note


def test_the_newest_checkpoint_that_a_record_reaches_is_taken() -> None:
    case = _case()
    first = checkpoint.make()
    case.add(MessageSaid(by="Nadia", text="Are you there?"))
    second = checkpoint.make()
    upto_three, upto_two = (checkpoint.included(case.conversation, upto=upto) for upto in (3, 2))
    assert upto_three and upto_two
    assert (upto_three.note, upto_three.position) == (second.note, 3)
    assert (upto_two.note, upto_two.position) == (first.note, 2)
    assert checkpoint.included(case.conversation, upto=1) is None


def test_there_is_no_proof_without_a_checkpoint_or_its_list() -> None:
    case = _case()
    assert checkpoint.included(case.conversation, upto=99) is None
    made = checkpoint.make()
    blobs.remove_unreferenced(made.leaves)
    assert checkpoint.included(case.conversation, upto=99) is None
    assert [problem for _, problem in checkpoint.troubles(checkpoints.kept())] == ["its list of heads is missing"]


def test_a_checkpoint_that_was_left_alone_has_no_trouble() -> None:
    _case()
    checkpoint.make()
    assert list(checkpoint.troubles(checkpoints.kept())) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"size": 7}, "it is not what was signed"),
        ({"root": bytes(32)}, "it is not what was signed"),
        ({"note": "localhost/checkpoint\n1\nAAAA\n"}, "its signature does not hold"),
        ({"leaves": "LIST"}, "its list of heads is not the one that was signed"),
        ({"leaves": "BLOB"}, "its list of heads cannot be read"),
    ],
)
def test_a_checkpoint_that_was_changed_says_so(changed: dict[str, object], problem: str) -> None:
    _case()
    checkpoint.make()
    if changed.get("leaves") == "LIST":
        _case()
        changed = {"leaves": checkpoints.list_heads().leaves}
    elif changed.get("leaves") == "BLOB":
        changed = {"leaves": blobs.store(b"no list")}
    Checkpoint.objects.update(**changed)
    found = [said for _, said in checkpoint.troubles(checkpoints.kept())]
    assert len(found) == 1
    assert found[0].startswith(problem)
