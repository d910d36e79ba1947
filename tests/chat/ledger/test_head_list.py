"""The file behind a checkpoint: every head stands in it, and is proved from one block of it."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from chat.ledger import merkle
from chat.ledger.head_list import BLOCK, LEAF, BadList, Head, Reading, Writing


def _heads(count: int) -> list[Head]:
    return [(7 * number, number, hashlib.sha256(b"%d" % number).digest()) for number in range(1, count + 1)]


def _written(heads: list[Head]) -> tuple[Writing, BytesIO]:
    writing = Writing(heads)
    return writing, BytesIO(b"".join(writing))


@pytest.mark.parametrize("count", [0, 1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 700])
def test_what_was_written_is_read_and_proved(count: int) -> None:
    heads = _heads(count)
    writing, file = _written(heads)
    reading = Reading(file)
    whole = merkle.root(merkle.leaf_hash(LEAF.pack(*head)) for head in heads)
    assert (writing.size, reading.size) == (count, count)
    assert writing.root == reading.root() == whole
    assert list(reading) == heads
    for index in {0, 1, count // 2, count - 2, count - 1} & set(range(count)):
        assert reading.find(heads[index][0]) == (index, heads[index])
        leaf = merkle.leaf_hash(LEAF.pack(*heads[index]))
        assert merkle.root_from(leaf, index, count, reading.path(index)) == whole
    assert reading.find(5) is None
    assert reading.find(2**63) is None


def test_heads_out_of_order_are_not_written() -> None:
    with pytest.raises(BadList):
        list(Writing([(2, 1, bytes(32)), (1, 1, bytes(32))]))
    with pytest.raises(BadList):
        list(Writing([(2, 1, bytes(32)), (2, 2, bytes(32))]))


@pytest.mark.parametrize("missing", [1, 16, 32, 47, 48])
def test_a_list_that_was_cut_off_is_refused_or_has_another_root(missing: int) -> None:
    writing, file = _written(_heads(BLOCK + 3))
    octets = file.getvalue()[:-missing]
    try:
        root = Reading(BytesIO(octets)).root()
    except BadList:
        return
    assert root != writing.root


def test_a_changed_leaf_changes_the_root() -> None:
    writing, file = _written(_heads(BLOCK + 3))
    octets = bytearray(file.getvalue())
    octets[BLOCK * LEAF.size + 20] ^= 1
    assert Reading(BytesIO(bytes(octets))).root() != writing.root
