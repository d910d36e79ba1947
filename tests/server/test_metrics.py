"""The figures for Prometheus: named as its conventions say, read when asked, told on the page, and about nobody."""

from __future__ import annotations

import re

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server import health, metrics
from server.bells_line import Stats
from tests.chat.ledger.cast import opened, say
from tests.house.sources import text

ROW = re.compile(r"^\| `(throughline_\w+)` \| ([^|]+) \|", re.MULTILINE)


def shown(found: health.Health | None) -> dict[str, float]:
    families = text_string_to_metric_families(generate_latest(metrics.registry(found)).decode())
    samples = [sample for family in families for sample in family.samples]
    assert not [sample for sample in samples if sample.labels], "A label is a way for personal data to get in, and for figures without end."
    return {sample.name: sample.value for sample in samples}


def test_names_follow_the_conventions() -> None:
    names = [figure.name for figure in metrics.TABLE]
    assert len(set(names)) == len(names)
    assert not [name for name in names if not re.fullmatch(r"throughline_[a-z]+(_[a-z]+)*", name)]
    assert not [figure.name for figure in metrics.TABLE if figure.about != figure.about.strip(".") or "|" in figure.about]


def test_the_page_tells_every_figure_and_what_it_means() -> None:
    assert ROW.findall(text("docs/operations.md")) == [(figure.name, figure.about) for figure in metrics.TABLE]


@pytest.mark.engine
@pytest.mark.usefixtures("database")
def test_what_was_stored_is_counted() -> None:
    before = shown(health.examine())
    conversation = opened()
    say(conversation, "Hello?")
    after = shown(health.examine())
    assert after["throughline_ledger_written_total"] - before["throughline_ledger_written_total"] == 2
    assert after["throughline_problems"] == after["throughline_alarms_late"] == 0
    assert after["process_resident_memory_bytes"] > 0


@pytest.mark.usefixtures("database")
def test_a_process_without_bells_has_no_figures_of_them() -> None:
    bells = {figure.name for figure in metrics.TABLE if "_bells_" in figure.name}
    assert not bells & shown(health.examine()).keys()


@pytest.mark.usefixtures("database")
def test_every_figure_of_the_table_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Stats(published=1, heard=2, lost=3, gaps=4, connected=True, others=5, silent=0.5, away_since=0.0)
    sources = metrics.Sources(writer=metrics.running_writer().stats(), bells=line, health=health.examine())
    assert not [figure.name for figure in metrics.TABLE if figure.read(sources) is None]


@pytest.mark.usefixtures("database")
def test_a_store_that_does_not_answer_leaves_the_other_figures() -> None:
    found = shown(None)
    assert found["throughline_problems"] == 1
    assert "throughline_mails_waiting" not in found
    assert "throughline_ledger_waiting" in found
