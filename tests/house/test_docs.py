"""The docs tell the truth: their examples run, their lists are complete, their links lead somewhere.

An example is a fenced block. `python test` (add `database` if it needs one) is executed; in `console test` each `$ throughline ...` is run
on a fresh data folder and every line below it must stand in what it prints. What is only to be read is fenced as `text` or `sh`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.house.listings import LISTINGS
from tests.house.sources import ROOT, named, text
from tests.services import RunningServer

FENCE = re.compile(r"^```(?P<tags>[^\n`]*)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    path: str
    line: int
    tags: tuple[str, ...]
    body: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def _pages() -> list[str]:
    return [path for path in named(".md") if "/" not in path or path.startswith("docs/")]


def _examples() -> list[Example]:
    found = []
    for path in _pages():
        for match in FENCE.finditer(text(path)):
            line = text(path).count("\n", 0, match.start()) + 1
            found.append(Example(path, line, tuple(match["tags"].split()), match["body"]))
    return found


def test_every_example_says_that_it_is_run() -> None:
    unproven = [str(example) for example in _examples() if example.tags[:1] in (("python",), ("console",)) and "test" not in example.tags]
    assert not unproven, f"Tag these with `test`, or as `text` if they are only to be read: {unproven}"


def test_every_python_example_runs(request: pytest.FixtureRequest) -> None:
    for example in _run("python"):
        if "database" in example.tags:
            request.getfixturevalue("database")
        exec(compile("\n" * example.line + example.body, str(ROOT / example.path), "exec"), {"__name__": "example"})


def test_every_console_example_prints_what_it_says(server_factory: Callable[..., RunningServer]) -> None:
    for example in _run("console"):
        server, printed = server_factory(), ""
        for line in example.body.splitlines():
            if line.startswith("$ throughline "):
                done = server.run(*shlex.split(line.removeprefix("$ throughline ")))
                printed = done.stdout + done.stderr
                assert done.returncode == 0, f"{example}: {line}\n{printed}"
            elif line.strip() not in ("", "..."):
                assert line.strip() in printed, f"{example}: {line!r} is not in what was printed:\n{printed}"


def test_a_list_in_the_docs_is_the_list_in_the_code() -> None:
    """The first cell of each table row, in backquotes, is the name."""
    for listing in LISTINGS:
        if not (ROOT / listing.page).exists():
            continue
        told = set(re.findall(listing.row, text(listing.page), re.MULTILINE))
        real = set(listing.names())
        assert told == real, f"{listing.page} leaves out {sorted(real - told)} and has {sorted(told - real)} too many."


@pytest.mark.parametrize("path", _pages())
def test_links_between_pages_lead_somewhere(path: str) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", re.sub(FENCE, "", text(path)))
    lost = [target for target in targets if not (ROOT / path).parent.joinpath(target).exists()]
    assert not lost


def _run(language: str) -> list[Example]:
    return [example for example in _examples() if example.tags[:1] == (language,) and "test" in example.tags]
