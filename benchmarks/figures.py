"""What a measurement is: two things taken in turns, their ratio, and what it is to reach. Knows nothing that is measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of docs/performance.md. `values_a` and `values_b` are of the same rounds, in order."""

    key: str
    """Unique, dotted: "mail.5kb.noop"."""
    title: str
    """One line for the page: "SMTP accept, 5 KB, durable / aiosmtpd no-op"."""
    a: str
    b: str
    """What A and B are, in words; `b` is empty if A itself is judged."""
    unit: str
    """Of A and B: "messages/s", "ms", "KB", "MB", "s"."""
    values_a: tuple[float, ...]
    values_b: tuple[float, ...] = ()
    """Empty: the figure is A itself, in `unit`."""
    target: float | None = None
    """What the ratio (or value) is to reach."""
    at_least: bool = True
    """False: the target is a most."""
    gross: float | None = None
    """Bound for the quick run in CI, with a wide margin; None is never checked there."""
    note: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """A / B of each round; without B the values of A."""
        if not self.values_b:
            return self.values_a
        return tuple(a / b if b else float("inf") for a, b in zip(self.values_a, self.values_b, strict=True))

    @property
    def ratio(self) -> float:
        """The median round."""
        return statistics.median(self.ratios)

    @property
    def least(self) -> float:
        return min(self.ratios)

    @property
    def most(self) -> float:
        return max(self.ratios)

    @property
    def reached(self) -> bool:
        """Whether the median is as good as the target; without a target there is nothing to miss."""
        return self.target is None or self._meets(self.target)

    @property
    def grossly_missed(self) -> bool:
        return self.gross is not None and not self._meets(self.gross)

    def _meets(self, bound: float) -> bool:
        return self.ratio >= bound if self.at_least else self.ratio <= bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How thoroughly to measure, and with what."""

    quick: bool
    rounds: int
    seconds: float
    """Length of one round of one side."""
    folder: Path
    """Scratch on a real disk."""
    postgres: str
    """URL of a server whose databases may be made and dropped."""
    redis: str
    """URL."""
