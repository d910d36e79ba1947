"""The inbox stays light: everything an agent's browser loads at first, compressed as it travels."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[4] / "static"
SHEETS = ("tokens", "icons", "base", "inbox")
BUDGET = 90_000


def test_the_inbox_stays_within_ninety_kilobytes() -> None:
    modules: set[Path] = set()
    _gather(STATIC / "inbox/app.js", modules)
    files = [*modules, *(STATIC / f"css/{name}.css" for name in SHEETS)]
    weight = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
    assert len(modules) > 10
    assert weight <= BUDGET, f"{weight} octets in {len(files)} files"


def _gather(module: Path, found: set[Path]) -> None:
    """The module and all it imports."""
    if module in found:
        return
    found.add(module)
    for path in re.findall(r"""(?:^|\n)(?:import|export)[^"';]*["'](\.[^"']+\.js)["']""", module.read_text()):
        _gather((module.parent / path).resolve(), found)
