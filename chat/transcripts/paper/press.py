"""Runs the typesetter beside the server, bounded in time, with an environment that holds no secret. Knows files, no conversation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

_HOME = str(Path(__file__).resolve().parents[3])
PATIENCE = 240.0
"""Seconds."""
LARGE = 2 * 1024 * 1024
"""Octets from which on a paper may take a gigabyte of memory: of such, one is set at a time."""
_large = threading.Lock()
ABANDONED = 3600.0
"""Seconds after which nobody works at a paper any more."""


class CannotBeSet(Exception):
    """This transcript could not be put on paper; the sentence says why."""


@contextmanager
def desk(root: Path) -> Iterator[Path]:
    """A folder for one paper below `root`, gone afterwards; with it goes what a process left there that was killed."""
    root.mkdir(parents=True, exist_ok=True)
    for left in root.iterdir():
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as name:
        yield Path(name)


def press(folder: Path, *, made_at: int) -> Path:
    """Set head.json, entries.json and, if it is there, transcript.json of `folder`; `made_at` in seconds. Raises CannotBeSet."""
    large = (folder / "entries.json").stat().st_size > LARGE
    with _large if large else nullcontext():
        try:
            done = subprocess.run(
                [sys.executable, "-m", "chat.transcripts.paper.typeset", str(folder), str(made_at)],
                cwd=_HOME,
                env={"PYTHONPATH": _HOME, "PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotBeSet(f"Setting it took longer than {PATIENCE:g} seconds.") from None
    if done.returncode < 0:
        raise CannotBeSet("There was not enough memory to set it, or it took too long. The other formats hold the same.")
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"the typesetter ended with {done.returncode}"]
        raise CannotBeSet(f"The typesetter stopped: {last[0][:300]}")
    return folder / "paper.pdf"
