"""Figures in words: numbers as people read them, and whether a target was reached. Knows no page."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.figures import Figure


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value == float("inf"):
        return "∞"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.095 or value == 0 else f"{value:.3f}"


def middle(values: Sequence[float], unit: str) -> str:
    return f"{number(statistics.median(values))} {unit}" if values else ""


def ratio(figure: Figure) -> str:
    """The median round, with the least and the most."""
    return f"{number(figure.ratio)} ({number(figure.least)} to {number(figure.most)})"


def target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {number(figure.target)}"


def verdict(figure: Figure) -> str:
    """Reached, or missed by how much of the target."""
    if figure.target is None:
        return ""
    if figure.reached:
        return "reached"
    off = abs(figure.ratio - figure.target) / figure.target if figure.target else abs(figure.ratio)
    if off >= 1:
        return f"missed, {number(figure.ratio / figure.target)} times too much" if figure.target else "missed"
    return f"missed by {100 * off:.0f} %"


def line(figure: Figure) -> str:
    """One line for the terminal."""
    unit = "" if figure.values_b else f" {figure.unit}"
    parts = [f"{figure.key}: {ratio(figure)}{unit}"]
    if figure.values_b:
        parts.append(f"{middle(figure.values_a, figure.unit)} / {middle(figure.values_b, figure.unit)}")
    if figure.target is not None:
        parts.append(f"{target(figure)} {verdict(figure)}")
    return "; ".join(parts)
