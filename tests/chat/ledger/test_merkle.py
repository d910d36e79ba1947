"""Merkle trees: the roots that others publish, the definition of RFC 6962 written down word by word, and paths that prove one leaf only."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ledger.merkle import EMPTY, leaf_hash, path, root, root_from

# The leaves and roots that Certificate Transparency's own implementations are tested with.
LEAVES = [
    bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _defined(leaves[:k]) + _defined(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_that_others_publish(size: int) -> None:
    assert root(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size - 1]


def test_a_tree_without_leaves_has_the_root_of_nothing() -> None:
    assert root([]) == EMPTY == hashlib.sha256().digest()


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_is_proved_by_its_path_and_by_no_other(size: int) -> None:
    leaves = [bytes([number]) for number in range(size)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    whole = _defined(leaves)
    assert root(hashes) == whole
    for index in range(size):
        found = path(hashes, index)
        assert root_from(hashes[index], index, size, found) == whole
        assert root_from(hashes[index] + b"", (index + 1) % size, size, found) != whole or size == 1
        assert root_from(leaf_hash(b"another"), index, size, found) != whole
        assert root_from(hashes[index], index, size, [*found, bytes(32)]) is None
        assert not found or root_from(hashes[index], index, size, found[:-1]) is None


@pytest.mark.parametrize("index", [-1, 3, 2**70])
def test_a_place_outside_the_tree_is_refused(index: int) -> None:
    with pytest.raises(IndexError):
        path([bytes(32)] * 3, index)
    assert root_from(bytes(32), index, 3, [bytes(32)] * 2) is None


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_blocks_of_one_power_of_two_are_nodes_of_the_tree(leaves: list[bytes], data: st.DataObject) -> None:
    block = 1 << data.draw(st.integers(0, 5))
    hashes = [leaf_hash(leaf) for leaf in leaves]
    blocks = [root(hashes[at : at + block]) for at in range(0, len(hashes), block)]
    assert root(blocks) == _defined(leaves)
