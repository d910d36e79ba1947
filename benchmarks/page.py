"""Draws docs/performance.md and its plots from the results alone, so that the page cannot say what was not measured."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks import areas, plot, wording
from benchmarks.figures import Figure
from benchmarks.places import PAGE, PLOTS, WHERE_IT_GOES
from benchmarks.results import Area, Results

HEAD = """# What it costs

Written by `make bench` from `benchmarks/results.json`; a test draws it again and compares. How each figure is taken, and what it
flatters, stands in [benchmarks/README.md](../benchmarks/README.md).

Every figure is a ratio of two things measured in one run on one machine, in turns, round by round: the median round, with the least and
the most. Where there is no second thing the value itself is given. Absolute numbers say what this machine did; ratios travel better.
"""
TITLES = {
    "chat": "Chat",
    "tutorial": "Beside the Channels tutorial",
    "latency": "How long an acknowledgement takes",
    "socketio": "Beside Socket.IO",
    "processes": "Several processes",
    "appends": "Appends",
    "sockets": "Connections",
    "mail": "Mail",
    "reads": "Reads as the store grows",
    "transcripts": "Transcripts",
    "growth": "What an event takes where it stays",
}


def write(results: Results) -> None:
    PLOTS.mkdir(parents=True, exist_ok=True)
    wanted = dict(plots(results))
    for old in PLOTS.glob("*.svg"):
        if old.name not in wanted:
            old.unlink()
    for name, drawing in wanted.items():
        (PLOTS / name).write_text(drawing)
    PAGE.write_text(text(results))


def text(results: Results) -> str:
    parts = [HEAD, _machine(results), _missed(results)]
    parts += [_area(area) for area in _ordered(results)]
    if WHERE_IT_GOES.exists():
        parts.append(WHERE_IT_GOES.read_text().strip() + "\n")
    return "\n".join(part for part in parts if part)


def plots(results: Results) -> Iterable[tuple[str, str]]:
    """(file name, SVG) for each area that has targets."""
    for area in _ordered(results):
        judged = [figure for figure in area.figures if figure.target]
        if judged:
            yield f"{area.name}.svg", plot.bars(_title(area.name), judged)


def _ordered(results: Results) -> list[Area]:
    order = areas.names()
    return sorted(results.areas, key=lambda area: (order.index(area.name) if area.name in order else len(order), area.name))


def _title(name: str) -> str:
    return TITLES.get(name, name.capitalize())


def _machine(results: Results) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in results.machine.items() if value)
    return f"## The machine\n\n| | |\n|---|---|\n{rows}\n" if rows else ""


def _missed(results: Results) -> str:
    judged = [figure for area in _ordered(results) for figure in area.figures if figure.target is not None]
    missed = [figure for figure in judged if not figure.reached]
    if not judged:
        return ""
    words = f"## Targets\n\n{len(judged) - len(missed)} of {len(judged)} are reached.\n"
    rows = [f"* **{figure.title}**: {wording.ratio(figure)}, target {wording.target(figure)}: {_why(figure)}" for figure in missed]
    return words + ("\nMissed:\n\n" + "\n".join(rows) + "\n" if rows else "")


def _why(figure: Figure) -> str:
    return f"{wording.verdict(figure)}. {figure.note}".strip()


def _area(area: Area) -> str:
    parts = [f"## {_title(area.name)}\n"]
    about = areas.about(area.name) if area.name in areas.names() else ""
    if about:
        parts.append(about + "\n")
    if any(figure.target for figure in area.figures):
        parts.append(f"![{_title(area.name)}: each figure beside its target](performance/{area.name}.svg)\n")
    rows = [_row(figure) for figure in area.figures]
    parts.append("\n".join(["| figure | A | B | A / B | target | |", "|---|---|---|---|---|---|", *rows]) + "\n")
    notes = [f"* {figure.title}: {figure.note}" for figure in area.figures if figure.note and figure.reached]
    if notes:
        parts.append("\n".join(notes) + "\n")
    rounds = max((len(figure.values_a) for figure in area.figures), default=0)
    busy = f" The machine was not quiet when it began ({area.load:g} processes wanted to run)." if area.load > 1 else ""
    parts.append(f"Taken on {area.taken}, {rounds} rounds.{busy}\n")
    return "\n".join(parts)


def _row(figure: Figure) -> str:
    a = f"{figure.a}: {wording.middle(figure.values_a, figure.unit)}"
    b = f"{figure.b}: {wording.middle(figure.values_b, figure.unit)}" if figure.values_b else ""
    shown = wording.ratio(figure) + ("" if figure.values_b else f" {figure.unit}")
    cells = (figure.title, a, b, shown, wording.target(figure), wording.verdict(figure))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
