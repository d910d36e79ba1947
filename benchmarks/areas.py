"""Which areas there are: every module of this folder that offers `figures(plan)`. Knows of them only their order on the page."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, Plan

ORDER = ("chat", "tutorial", "latency", "socketio", "processes", "appends", "sockets", "mail", "reads", "transcripts", "growth")
QUICK = ("chat", "latency", "appends", "mail", "transcripts")
"""What a quick run looks at: what a careless change slows down first."""


def names() -> list[str]:
    """In the order of the page; found without importing, for an area sets up Django as it needs it."""
    found = [path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "areas" and _offers_figures(path)]
    return sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def figures(name: str, plan: Plan) -> Iterator[Figure]:
    yield from importlib.import_module(f"benchmarks.{name}").figures(plan)


def about(name: str) -> str:
    """What the area's page says above its table: its docstring's first paragraph."""
    words = ast.get_docstring(ast.parse((Path(__file__).parent / f"{name}.py").read_text())) or ""
    return " ".join(words.split("\n\n")[0].split())


def _offers_figures(path: Path) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == "figures" for node in ast.parse(path.read_text()).body)
