"""A decision record is short, its title is the decision, and it says what was refused."""

from __future__ import annotations

import re

import pytest

from tests.house.sources import named, text

RECORDS = named(".md", under=("docs/decisions/",))
LONGEST = 250


@pytest.mark.parametrize("path", RECORDS)
def test_a_decision_is_short_and_says_what_was_refused(path: str) -> None:
    number, name = re.fullmatch(r"docs/decisions/(\d{4})-([a-z0-9-]+)\.md", path).groups()  # type: ignore[union-attr]  # or the name is wrong
    title, *paragraphs = text(path).split("\n\n")
    assert title.startswith(f"# {int(number)}. ")
    assert len(name.split("-")) >= 4, "The name of the file is the decision in short."
    assert sum(paragraph.startswith("Refused: ") for paragraph in paragraphs) == 1
    assert len(text(path).split()) <= LONGEST


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path[15:19]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
