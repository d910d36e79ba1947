"""docs/performance.md and its plots are what results.json says, and nothing else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import areas, page, plot, results
from benchmarks.figures import Figure
from benchmarks.places import PAGE, PLOTS
from benchmarks.results import Area, Results

MACHINE = {"CPU": "Lamp 9000", "cores": "2", "memory": "4 GiB", "Python": "3.11"}
SLOW = Figure(key="chat.x", title="Chat / echo <raw>", a="chat", b="echo", unit="/s", values_a=(1.0,), values_b=(10.0,), target=0.3)
QUICK = Figure(key="chat.y", title="Consumer / echo", a="ours", b="echo", unit="/s", values_a=(9.0,), values_b=(10.0,), target=0.3)


def test_the_page_is_drawn_from_the_results() -> None:
    assert PAGE.read_text() == page.text(results.read()), "Run python -m benchmarks render."


def test_the_plots_are_drawn_from_the_results() -> None:
    assert {path.name: path.read_text() for path in PLOTS.glob("*.svg")} == dict(page.plots(results.read()))


def test_a_missed_target_stands_at_the_top_with_its_reason() -> None:
    slow = Figure(**{name: getattr(SLOW, name) for name in SLOW.__dataclass_fields__} | {"note": "Because."})
    drawn = page.text(Results(MACHINE, (Area("chat", "2026-01-01", 0.1, (slow, QUICK)),)))
    assert "1 of 2 are reached." in drawn
    assert "* **Chat / echo <raw>**: 0.10 (0.10 to 0.10), target ≥ 0.30: missed by 67 %. Because." in drawn
    assert "| Consumer / echo | ours: 9.00 /s | echo: 10.0 /s | 0.90 (0.90 to 0.90) | ≥ 0.30 | reached |" in drawn


def test_a_plot_is_well_formed_and_shows_every_figure_in_light_and_dark() -> None:
    drawing = plot.bars("Chat & more", [SLOW, QUICK])
    words = [element.text for element in ET.fromstring(drawing).iter() if element.tag.endswith("text")]
    assert SLOW.title in words and QUICK.title in words
    assert "prefers-color-scheme: dark" in drawing


def test_a_bar_is_longer_the_better_the_figure_is() -> None:
    assert plot.goodness(QUICK) == pytest.approx(3.0)
    smaller = Figure(key="k", title="t", a="a", b="", unit="ms", values_a=(2.0,), target=4.0, at_least=False)
    assert plot.goodness(smaller) == pytest.approx(2.0)


def test_an_area_that_was_measured_anew_takes_the_place_of_its_older_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    results.keep("chat", [SLOW], machine=MACHINE, load=0.0)
    results.keep("mail", [QUICK], machine=MACHINE, load=0.0)
    results.keep("chat", [QUICK], machine=MACHINE, load=0.0)
    assert {area.name: area.figures for area in results.read().areas} == {"chat": (QUICK,), "mail": (QUICK,)}


def test_figures_of_two_machines_do_not_stand_on_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    results.keep("chat", [SLOW], machine=MACHINE, load=0.0)
    results.keep("mail", [QUICK], machine=MACHINE | {"CPU": "Lamp 10"}, load=0.0)
    assert [area.name for area in results.read().areas] == ["mail"]


def test_every_area_says_what_it_measures() -> None:
    assert {"chat", "latency", "socketio", "processes"} <= set(areas.names())
    assert [name for name in areas.names() if not areas.about(name)] == []
