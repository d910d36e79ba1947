"""Which files are ours: everything in the repository that somebody wrote for it. Knows no rule about them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ("static/vendor/", "tests/mails/", "tests/vendor/", "chat/transcripts/paper/fonts/")
"""Files made by others: libraries and fonts as they came, and mails as they were received."""
CODE = ("server/", "chat/", "mailgateway/")


@cache
def files() -> tuple[str, ...]:
    """Paths of our files below the root, with those not yet committed, without what .gitignore names."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = (path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())
    return tuple(sorted(path for path in found if not path.startswith(FOREIGN)))


def named(*endings: str, under: tuple[str, ...] = ("",)) -> list[str]:
    return [path for path in files() if path.endswith(endings) and path.startswith(under)]


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(text(path), filename=path)


def lines(path: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text(path).splitlines(), start=1)
