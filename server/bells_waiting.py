"""What this process has yet to tell the others: one bell at a time, each conversation in it once, bounded, filled from any thread.

Knows no Redis. What cannot be told is counted, and one word says later that there was something.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

CONVERSATIONS = 10_000
"""That wait at most while a bell is on its way; beyond, they are counted as lost."""
WHISPERS = 1_000
AT_ONCE = 2_000
"""Conversations in one bell."""


class Waiting:
    """`wake` is called, from any thread, when there is something to take after there was nothing."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.published = 0
        """Bells taken so far, which is the number of the last one."""
        self.lost = 0
        """Announcements that nobody else heard of by a bell."""
        self._wake = wake
        self._guard = threading.Lock()
        self._open = False
        self._reached: dict[int, int] = {}
        self._whispers: list[tuple[int, Any]] = []
        self._lost_since = 0

    def put(self, said: Mapping[str, Any]) -> None:
        """What `announce` gives its carriers. Never waits and never raises: a commit stands behind it."""
        with self._guard:
            was_empty = not (self._reached or self._whispers)
            if "reached" in said:
                self._put_reached(said["reached"])
            elif self._open and len(self._whispers) < WHISPERS:
                self._whispers.append((int(said["conversation"]), said["whisper"]))
            wakes = was_empty and bool(self._reached or self._whispers)
        if wakes:
            self._wake()

    def open(self) -> None:
        """There is a line to the others. What was lost before is told first."""
        with self._guard:
            self._open = True

    def shut(self) -> None:
        """There is none: what waits and what comes is lost, until `open`."""
        with self._guard:
            self._open = False
            self._lose(len(self._reached))
            self._reached.clear()
            self._whispers.clear()

    def lose(self, bell: Mapping[str, Any]) -> None:
        """A bell was taken and may not have been heard."""
        with self._guard:
            self._lose(len(bell.get("r", ())))
            if "l" in bell:
                self._lost_since = min(bell["l"], self._lost_since or bell["l"])

    def take(self) -> dict[str, Any] | None:
        """The next bell, or None if there is nothing to tell: number `n`, positions reached `r`, whispers `w`, lost since `l`."""
        with self._guard:
            if not (self._reached or self._whispers or self._lost_since):
                return None
            self.published += 1
            bell: dict[str, Any] = {"n": self.published}
            if self._lost_since:
                bell["l"], self._lost_since = self._lost_since, 0
            if len(self._reached) <= AT_ONCE:
                reached, self._reached = self._reached, {}
            else:
                reached = {cid: self._reached.pop(cid) for cid in list(self._reached)[:AT_ONCE]}
            if reached:
                bell["r"] = reached
            if self._whispers:
                bell["w"], self._whispers = self._whispers, []
            return bell

    def _put_reached(self, reached: Mapping[Any, int]) -> None:
        if not self._open:
            self._lose(len(reached))
            return
        mine = self._reached
        for name, position in reached.items():
            cid = int(name)
            if cid in mine:
                mine[cid] = max(position, mine[cid])
            elif len(mine) < CONVERSATIONS:
                mine[cid] = position
            else:
                self._lose(1)

    def _lose(self, count: int) -> None:
        if count:
            self.lost += count
            self._lost_since = self._lost_since or time.time_ns() // 1000
