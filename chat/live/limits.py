"""How fast somebody may go: token buckets by kind and by whom (socket, visitor, network, site). All numbers stand in one table.

The buckets live in this process; several processes allow as many times more, which is still bounded.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `every` seconds for one more."""

    burst: int
    every: float


TABLE: dict[str, Rate] = {
    "frame": Rate(300, 0.02),
    "typing": Rate(6, 1.0),
    "customer": Rate(30, 0.5),
    "agent": Rate(120, 0.1),
    "open by visitor": Rate(5, 60.0),
    "open by network": Rate(30, 10.0),
    "open by site": Rate(300, 0.5),
    "address by visitor": Rate(5, 120.0),
    "address by network": Rate(60, 20.0),
    "address by site": Rate(300, 2.0),
    "download": Rate(20, 10.0),
    "part": Rate(100, 1.0),
    "upload": Rate(20, 5.0),
    "upload by network": Rate(60, 2.0),
    "mail as sent": Rate(20, 3.0),
}
CROWD = 50_000
"""Buckets kept before those that are full again are swept out."""

_buckets: dict[tuple[str, str], tuple[float, float]] = {}


def take(kind: str, whose: str) -> float:
    """Take one token; gives 0, or the seconds after which there is one again (then nothing was taken)."""
    rate = TABLE[kind]
    now = time.monotonic()
    left, at = _buckets.get((kind, whose), (float(rate.burst), now))
    left = min(float(rate.burst), left + (now - at) / rate.every)
    if left < 1:
        _buckets[kind, whose] = (left, now)
        return max(0.1, (1 - left) * rate.every)
    if len(_buckets) >= CROWD:
        _sweep(now)
    _buckets[kind, whose] = (left - 1, now)
    return 0.0


def forget(kind: str, whose: str) -> None:
    """A socket is gone, and its bucket with it."""
    _buckets.pop((kind, whose), None)


def clear() -> None:
    _buckets.clear()


def _sweep(now: float) -> None:
    full = [key for key, (left, at) in _buckets.items() if left + (now - at) / TABLE[key[0]].every >= TABLE[key[0]].burst]
    for key in full:
        del _buckets[key]
