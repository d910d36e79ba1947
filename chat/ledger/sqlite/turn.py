"""A fair lock: whoever asks first writes first. SQLite's own waiting is a lottery that a busy writer always wins."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turn:
    """A first-come, first-served lock between threads of one process. Not re-entrant."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._line.append(mine)
        mine.acquire()

    def release(self) -> None:
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._taken = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


turn = Turn()
"""The one line in front of this process's SQLite file."""
