"""The sums of docs/operations.md are made from the figures that were measured, and from no others."""

from __future__ import annotations

from benchmarks import results, sizing
from tests.house.sources import text


def test_the_sums_on_the_page_are_those_of_the_figures() -> None:
    page = text("docs/operations.md")
    assert page == sizing.written(page, results.read()), "Run python -m benchmarks.sizing."


def test_nothing_is_assumed_whose_area_was_measured() -> None:
    areas = {area.name for area in results.read().areas}
    assumed = {found.basis.key for found in sizing.known(results.read()).values() if not found.taken}
    assert not {key for key in assumed if key.partition(".")[0] in areas}
