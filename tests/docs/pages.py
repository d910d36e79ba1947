"""A copy of the tree to which one page of docs/ adds its files, and what is run in it. Knows no page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.house.sources import ROOT

FILE = re.compile(r"^```py (?P<path>\S+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("chat", "server", "mailgateway", "static", "tests", "docs", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "mails", "journeys")


@dataclass(frozen=True)
class Copy:
    """The copied tree; `added` are the files of the page, server files before tests."""

    root: Path
    added: tuple[str, ...]

    @property
    def server_files(self) -> tuple[str, ...]:
        return tuple(path for path in self.added if not path.startswith("tests/"))

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(path for path in self.added if path.startswith("tests/"))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run Python there (`-m pytest ...`), with none of this process's settings."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith(("THROUGHLINE_", "DJANGO_", "PYTEST_"))}
        return subprocess.run([sys.executable, *command], cwd=self.root, env=rest, capture_output=True, text=True, timeout=180)


def copy_with(page: str, folder: Path) -> Copy:
    """Copy the tree into `folder` and write the page's files into it. A file that is there already is a mistake of the page."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, folder / name)
    files = {match["path"]: match["body"] for match in FILE.finditer((ROOT / page).read_text())}
    for path, body in files.items():
        target = folder / path
        assert not target.exists(), f"{page} adds {path}, which is there already: the page needs another example."
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(body)
    return Copy(folder, tuple(sorted(files, key=lambda path: (path.startswith("tests/"), path))))
