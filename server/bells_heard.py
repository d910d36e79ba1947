"""Whose bells were heard up to which number: finds out that some were lost, or that a process ended without a word.

Knows no Redis and no conversation.
"""

from __future__ import annotations

from dataclasses import dataclass

SILENT = 10.0
"""Seconds after which a process that was not heard is taken for dead; all repeat themselves every few seconds."""
LOOK = 1.0
"""Seconds between two looks who is silent."""


@dataclass(slots=True)
class _Node:
    number: int
    at: float


class Numbers:
    """The last number of each other process. Times are seconds of any clock that runs evenly."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._looked = 0.0

    def __len__(self) -> int:
        return len(self._nodes)

    def heard(self, name: str, number: int, *, beat: bool, now: float) -> bool:
        """True if bells of this process were lost before this one. A beat repeats the number of the bell before it."""
        before = number if beat else number - 1
        known = self._nodes.get(name)
        if known is None:
            self._nodes[name] = _Node(number, now)
            # Of a process that is new to us we may have missed all it said.
            return before > 0
        gap = before > known.number
        known.number, known.at = max(number, known.number), now
        return gap

    def gone(self, name: str) -> None:
        """It said that it ends."""
        self._nodes.pop(name, None)

    def silent(self, now: float) -> bool:
        """Forget who was not heard for SILENT seconds; True if there was somebody: the last bells may never have been sent."""
        if now - self._looked < LOOK:
            return False
        self._looked = now
        late = [name for name, node in self._nodes.items() if now - node.at > SILENT]
        for name in late:
            del self._nodes[name]
        return bool(late)

    def forget(self) -> None:
        """The line was cut: whoever is heard next is new."""
        self._nodes.clear()
