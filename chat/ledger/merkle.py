"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: roots, inclusion paths and their check. Pure; knows no leaf's meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves, or over roots of full blocks of one power of two. Memory: one hash for each level."""
    left: list[tuple[int, bytes]] = []
    for node in hashes:
        height = 0
        while left and left[-1][0] == height:
            node = node_hash(left.pop()[1], node)
            height += 1
        left.append((height, node))
    if not left:
        return EMPTY
    _, node = left.pop()
    while left:
        node = node_hash(left.pop()[1], node)
    return node


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf (section 2.1.1): what stands beside it on each level, from the leaf up."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"A tree of {len(hashes)} leaves has no leaf {index}.")
    found: list[bytes] = []
    while len(hashes) > 1:
        half = _left(len(hashes))
        here, beside = (hashes[:half], hashes[half:]) if index < half else (hashes[half:], hashes[:half])
        found.append(root(beside))
        hashes, index = here, index if index < half else index - half
    return found[::-1]


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that follows from a leaf's hash and its path (RFC 9162 section 2.1.3.2); None if the path is too long or too short."""
    if not 0 <= index < size:
        return None
    node, here, last = leaf, index, size - 1
    for beside in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            node = node_hash(beside, node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        here, last = here >> 1, last >> 1
    return node if last == 0 else None


def _left(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
