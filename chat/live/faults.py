"""Where something went wrong, for the log: files and lines only. A traceback with values could hold what somebody wrote."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(problem: BaseException, *, frames: int = 4) -> str:
    """The innermost frames as `file:line function`, joined by ` < `."""
    steps = reversed(traceback.extract_tb(problem.__traceback__)[-frames:])
    return " < ".join(f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps)
