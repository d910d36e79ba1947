"""One glossary, and nothing in the repository that only somebody's own machine or a finished job could understand."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath

from tests.house.sources import CODE, files, lines, named, tree

OURS = "tests/house/test_words.py"
BINARY = (".png", ".jpg", ".gif", ".ico", ".woff2", ".eml", ".pdf", ".webp")

# What we say instead stands in the glossary of the blueprint and in the README.
UNWANTED = re.compile(r"\btickets?\b", re.IGNORECASE)
VAGUE = re.compile(r"Manager|Service(?!s|Worker)|Helper|Util(?!ity)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+|opt/pypi\S*)/|/tmp/bash_jobs|\bfarm-\w+")
HOSTS = re.compile(r"pypi\.org|pythonhosted|npmjs\.|yarnpkg|deb\.debian\.org|security\.debian\.org|find-links|extra-index-url|--index-url")
ERRANDS = re.compile(r"\b(issues?|sessions?|PR)\s*#?\s*\d+\b(?!\s*(s|ms|seconds|minutes|agents|visitors)\b)")


def test_the_words_are_the_glossarys() -> None:
    assert not _found(UNWANTED, files())


def test_no_name_is_vague() -> None:
    """Manager, Service, Helper and Util say nothing about what a thing does. Names that others gave (imports) are theirs."""
    vague = [path for path in files() if VAGUE.search(PurePath(path).stem.title())]
    for path in named(".py", under=(*CODE, "tests/", "benchmarks/")):
        made = (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
        vague += [f"{path}:{node.lineno} {node.name}" for node in made if VAGUE.search(node.name)]
    assert not vague


def test_nothing_is_left_unfinished() -> None:
    assert not _found(UNFINISHED, files())


def test_no_path_of_one_machine_stands_in_the_repository() -> None:
    assert not _found(MACHINE, files())


def test_no_registry_is_named() -> None:
    assert not _found(HOSTS, [path for path in files() if path != ".ci/lock"])


def test_nothing_refers_to_an_errand() -> None:
    """A reader in two years has the code and its history, not the list of what was asked for."""
    assert not _found(ERRANDS, files())


def _found(pattern: re.Pattern[str], paths: object) -> list[str]:
    assert isinstance(paths, list | tuple)
    readable = [path for path in paths if path != OURS and not path.endswith(BINARY)]
    return [f"{path}:{number}: {hit.group()}" for path in readable for number, line in lines(path) for hit in pattern.finditer(line)]
