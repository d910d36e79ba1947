"""The heads of all conversations as one file: what a checkpoint's root stands for, laid out so that one head is proved without reading all.

    leaf  = conversation (8 octets) position (8 octets) seal (32 octets), numbers big-endian; in rising order of the conversation
    file  = all leaves, then the root (32 octets) of each block of 1024 leaves, the last block being what is left

Knows neither the tables nor who signs the root.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from chat.ledger import merkle

LEAF = struct.Struct(">QQ32s")
BLOCK = 1024
"""Leaves in a block; a power of two, so that each block is a node of the tree."""
_DIGEST = hashlib.sha256().digest_size
_WHOLE = BLOCK * LEAF.size + _DIGEST
Head = tuple[int, int, bytes]
"""Conversation, position, seal."""


class BadList(ValueError):
    """The file is no list of heads; the sentence says why."""


class Writing:
    """The file in pieces, from heads that come in rising order; `size` and `root` hold when all were taken."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._heads = iter(heads)
        self.size = 0
        self.root = merkle.EMPTY

    def __iter__(self) -> Iterator[bytes]:
        roots = []
        last = 0
        while block := list(islice(self._heads, BLOCK)):
            leaves = [LEAF.pack(*head) for head in block]
            for conversation, _, _ in block:
                if conversation <= last:
                    raise BadList("Heads are listed in rising order, each conversation once.")
                last = conversation
            roots.append(merkle.root(map(merkle.leaf_hash, leaves)))
            self.size += len(leaves)
            yield b"".join(leaves)
        self.root = merkle.root(roots)
        yield b"".join(roots)


class Reading:
    """A list that was written before. Raises BadList for a file whose length no list has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        blocks, left = divmod(file.seek(0, os.SEEK_END), _WHOLE)
        rest, odd = divmod(max(0, left - _DIGEST), LEAF.size)
        if odd or (left and not rest):
            raise BadList("The list of heads is cut off.")
        self.size = blocks * BLOCK + rest
        self._blocks = blocks + bool(rest)

    def __iter__(self) -> Iterator[Head]:
        for block in range(self._blocks):
            yield from LEAF.iter_unpack(self._leaves(block))

    def root(self) -> bytes:
        """The root, made anew from every leaf."""
        return merkle.root(self._root(block) for block in range(self._blocks))

    def find(self, conversation: int) -> tuple[int, Head] | None:
        """The place of a conversation in the list, counted from 0, and its head as listed."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            head = self._head(middle)
            if head[0] == conversation:
                return middle, head
            low, high = (middle + 1, high) if head[0] < conversation else (low, middle)
        return None

    def path(self, index: int) -> list[bytes]:
        """The audit path of a place, from one block and the roots of the others."""
        block, inside = divmod(index, BLOCK)
        leaves = [merkle.leaf_hash(LEAF.pack(*head)) for head in LEAF.iter_unpack(self._leaves(block))]
        return merkle.path(leaves, inside) + merkle.path(self._roots(), block)

    def _root(self, block: int) -> bytes:
        leaves = self._leaves(block)
        return merkle.root(merkle.leaf_hash(leaves[at : at + LEAF.size]) for at in range(0, len(leaves), LEAF.size))

    def _roots(self) -> list[bytes]:
        self._file.seek(self.size * LEAF.size)
        octets = self._file.read(self._blocks * _DIGEST)
        return [octets[at : at + _DIGEST] for at in range(0, len(octets), _DIGEST)]

    def _leaves(self, block: int) -> bytes:
        first = block * BLOCK
        self._file.seek(first * LEAF.size)
        return self._file.read(min(BLOCK, self.size - first) * LEAF.size)

    def _head(self, index: int) -> Head:
        self._file.seek(index * LEAF.size)
        return LEAF.unpack(self._file.read(LEAF.size))
