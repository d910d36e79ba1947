"""How the interpreter shares its time between the event loop and the threads beside it. Knows no role.

Figures behind both choices stand in docs/performance.md.
"""

from __future__ import annotations

import gc
import sys

TURN = 0.0005
"""Seconds after which a thread that holds the interpreter lets another one have it.

Each thing the loop asks of the system gives the interpreter away for a moment; with Python's own 5 ms a busy reader thread then keeps
it so long that the loop stands still most of the time.
"""
YOUNG, MIDDLE, OLD = 25_000, 20, 50
"""New objects, and collections of the generation before, until the next search for what refers only to itself.

A message makes some thousand objects that go by themselves. Python's own 700, 10, 10 walks all connections many times a second.
"""


def set_up() -> None:
    """Once, when everything that lives as long as the process has been made."""
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
