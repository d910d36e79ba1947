"""Files are short and say at their head what they are for."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

from tests.house.sources import ROOT, named, text, tree

LONGEST = 300
ALONE = ("chat/transcripts/verifier.py",)
"""One file by design: it is shipped inside archives, and has to be read and run without the rest."""


def test_every_python_file_opens_with_a_docstring() -> None:
    mute = [path for path in named(".py") if text(path).strip() and not ast.get_docstring(tree(path)) and not _made_by_django(path)]
    assert not mute, f"These files do not say what they are for: {mute}"


def test_every_script_and_style_sheet_opens_with_a_comment() -> None:
    mute = [path for path in named(".js", ".css", under=("static/",)) if not text(path).lstrip().startswith(("//", "/*"))]
    assert not mute, f"These files do not say what they are for: {mute}"


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {path: count for path in named(".py", ".js", ".css", ".sh") if (count := len(text(path).splitlines())) > LONGEST}
    long = {path: count for path, count in long.items() if not _made_by_django(path) and path not in ALONE}
    assert not long, f"Look for the second room hiding in these: {long}"


def test_the_top_level_is_the_blueprints() -> None:
    rooms = {path.split("/", 1)[0] for path in named("") if "/" in path}
    assert rooms <= {"server", "chat", "mailgateway", "static", "tests", "docs", "benchmarks", ".ci"}


def test_vendored_files_are_the_ones_whose_digests_were_written_down() -> None:
    vendor = ROOT / "static/vendor"
    present = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file() and path.name != "VERSIONS"}
    listed = dict(_sums(vendor / "VERSIONS")) if present else {}
    assert present == set(listed), "static/vendor/VERSIONS lists each vendored file with its SHA-256, as sha256sum prints it."
    changed = [name for name, digest in listed.items() if hashlib.sha256((vendor / name).read_bytes()).hexdigest() != digest]
    assert not changed, f"These vendored files are not what they were: {changed}"
    if present:
        assert any("LICENSE" in name.upper() or "LICENCE" in name.upper() for name in present), "A vendored file comes with its licence."


def test_mails_made_by_others_come_with_their_licence() -> None:
    folders = [path for path in (ROOT / "tests/mails").glob("*/") if path.is_dir()]
    without = [path.name for path in folders if not [*path.glob("*LICEN[CS]E*"), *path.glob("*COPYING*")]]
    assert not without


def _sums(path: Path) -> list[tuple[str, str]]:
    return [(name, digest) for digest, name in re.findall(r"^([0-9a-f]{64})\s+(\S+)$", path.read_text(), re.MULTILINE)]


def _made_by_django(path: str) -> bool:
    return "/migrations/" in path
