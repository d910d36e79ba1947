"""Where things are. Knows nothing else."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results.json"
PAGE = ROOT / "docs/performance.md"
PLOTS = ROOT / "docs/performance"
WHERE_IT_GOES = ROOT / "benchmarks/where_it_goes.md"
