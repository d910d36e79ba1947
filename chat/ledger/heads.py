"""The heads this process's writer wrote or read last, bounded by number and by size. Knows no engine.

Only a memory of what may be true: whoever writes upon it compares position and seal with the table in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chat.ledger.batch import Head
from chat.ledger.state import State

MOST = 10_000
"""Conversations remembered."""
OCTETS = 32 * 1024 * 1024
"""What they may take together, roughly."""


class Heads:
    """Least recently used goes first."""

    def __init__(self) -> None:
        self._heads: dict[int, tuple[Head, int]] = {}  # in order of use
        self.octets = 0

    def __len__(self) -> int:
        return len(self._heads)

    def take(self, conversations: Iterable[int]) -> dict[int, Head]:
        """Those that are remembered, by conversation; from now on they are not. Who finds that they were true remembers them again."""
        return {cid: head for cid in conversations if (head := self._drop(cid)) is not None}

    def remember(self, heads: Mapping[int, Head]) -> None:
        """Keep these as they stand in the table now."""
        for cid, head in heads.items():
            self._drop(cid)
            size = octets(head.state)
            self._heads[cid] = (head, size)
            self.octets += size
        while len(self._heads) > MOST or self.octets > OCTETS:
            self._drop(next(iter(self._heads)))

    def _drop(self, conversation: int) -> Head | None:
        kept = self._heads.pop(conversation, None)
        if kept is None:
            return None
        self.octets -= kept[1]
        return kept[0]


def octets(state: State) -> int:
    """What a state takes in memory, roughly: its people, promises and alarms, and the texts of any length."""
    parts = len(state.others) + len(state.commitments) + len(state.seen) + len(state.dues) + len(state.tags)
    texts = len(state.subject) + len(state.decision_text) + sum(len(c.text) for c in state.commitments)
    return 1500 + 400 * parts + 2 * texts
