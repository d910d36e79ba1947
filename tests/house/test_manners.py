"""How code here behaves: it asks no kind and no channel for its name, skips no test, mocks nothing, loads nothing from elsewhere."""

from __future__ import annotations

import ast
import re

from tests.house.listings import load_every_kind
from tests.house.sources import CODE, lines, named, text, tree

ASKED = {"kind", "channel"}
MAY_ASK = ("chat/events/", "chat/channels/", "chat/migrations/")
NAMES = {*load_every_kind(), "widget", "mail", "email", "api", "phone", "bot"}


def test_nobody_asks_a_kind_or_a_channel_for_its_name() -> None:
    """Whoever does must be changed for each new kind or channel; a new one is one new file."""
    asking = []
    for path in named(".py", under=CODE):
        if path.startswith(MAY_ASK):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Compare) and _asks([node.left, *node.comparators]):
                asking.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
            if isinstance(node, ast.Match) and _asks([node.subject, *_patterns(node)]):
                asking.append(f"{path}:{node.lineno}: match {ast.unparse(node.subject)}")
    assert not asking


def test_no_page_asks_a_kind_or_a_channel_for_its_name() -> None:
    names = "|".join(re.escape(name) for name in sorted(NAMES))
    asks = re.compile(rf"""\b(kind|channel)\s*[!=]==?\s*["'`]({names})["'`]|switch\s*\([^)]*\b(kind|channel)\s*\)""")
    assert not [f"{path}:{number}" for path in named(".js", under=("static/",)) for number, line in lines(path) if asks.search(line)]


def test_no_test_is_skipped() -> None:
    skips = re.compile(r"\b(mark\.(skip|skipif|xfail)|pytest\.(skip|xfail|importorskip))\b")
    assert not [f"{path}:{number}" for path in _tests() for number, line in lines(path) if skips.search(line)]


def test_nothing_is_mocked() -> None:
    mocks = re.compile(r"\b(unittest\.mock|from unittest import mock|MagicMock|AsyncMock|mocker)\b")
    assert not [f"{path}:{number}" for path in _tests() for number, line in lines(path) if mocks.search(line)]


def test_every_test_is_named_by_a_sentence() -> None:
    short = []
    for path in _tests():
        made = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        short += [f"{path}:{node.lineno} {node.name}" for node in made if node.name.startswith("test_") and node.name.count("_") < 3]
    assert not short, f"These names are no sentences: {short}"


def test_pages_load_nothing_from_elsewhere() -> None:
    loads = re.compile(r"""(\bsrc|\bhref|\bfrom|\bimport|@import|url\()\s*[=(]?\s*["']?https?://(?!www\.w3\.org/)""")
    pages = named(".js", ".css", ".html", ".svg", under=("static/", *CODE))
    assert not [f"{path}:{number}" for path in pages for number, line in lines(path) if loads.search(line)]


def _tests() -> list[str]:
    return [path for path in named(".py", under=("tests/",)) if path != "tests/house/test_manners.py" and text(path)]


def _asks(sides: list[ast.expr]) -> bool:
    return any(_last_name(side) in ASKED for side in sides) and any(_says_a_name(side) for side in sides)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _says_a_name(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return any(_says_a_name(element) for element in node.elts)
    return isinstance(node, ast.Constant) and node.value in NAMES


def _patterns(node: ast.Match) -> list[ast.expr]:
    return [inner.value for case in node.cases for inner in ast.walk(case.pattern) if isinstance(inner, ast.MatchValue)]
