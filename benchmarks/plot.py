"""A small writer of SVG bar charts: one bar for each figure, as long as it is good, with a line where its target stands."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks import wording
from benchmarks.figures import Figure

WIDTH = 760
LABELS = 380
ROW = 26
MOST = 3.0
"""Times its target, beyond which a bar is cut off."""
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2933 }
.title { font-weight: 600; font-size: 14px }
.small { font-size: 11px; fill: #52606d }
.good { fill: #2f7d5b } .short { fill: #b4552d }
.whole { stroke: #9aa5b1; stroke-width: 1 }
.goal { stroke: #1f2933; stroke-width: 1.5; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb } .small { fill: #9aa5b1 } .whole { stroke: #616e7c } .goal { stroke: #e4e7eb }
}
"""


def bars(title: str, figures: Sequence[Figure]) -> str:
    """Bars in multiples of each figure's own target: right of the dashed line it is reached. Readable in light and dark."""
    height = 56 + ROW * len(figures) + 24
    goal = LABELS + _length(1)
    rows = "".join(_bar(figure, 56 + ROW * number) for number, figure in enumerate(figures))
    bottom = 56 + ROW * len(figures)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<text class="title" x="8" y="20">{escape(title)}</text>'
        f'<text class="small" x="{goal}" y="40" text-anchor="middle">target</text>{rows}'
        f'<line class="whole" x1="{LABELS}" y1="48" x2="{LABELS}" y2="{bottom}"/>'
        f'<line class="goal" x1="{goal}" y1="46" x2="{goal}" y2="{bottom}"/>'
        f'<text class="small" x="8" y="{bottom + 18}">Each bar in multiples of its own target; the longer the better.</text></svg>\n'
    )


def _bar(figure: Figure, top: int) -> str:
    times = goodness(figure)
    length = _length(min(times, MOST))
    look = "good" if figure.reached else "short"
    shown = f"{wording.number(figure.ratio)}{'' if figure.values_b else ' ' + figure.unit} ({wording.target(figure)})"
    inside = length > 130
    x, anchor, white = (LABELS + length - 6, "end", ' style="fill:#fff"') if inside else (LABELS + length + 6, "start", "")
    return (
        f'<text x="{LABELS - 8}" y="{top + 16}" text-anchor="end">{escape(_fitting(figure.title))}</text>'
        f'<rect class="{look}" x="{LABELS}" y="{top + 4}" width="{length}" height="{ROW - 8}" rx="2"/>'
        f'<text x="{x}" y="{top + 17}" text-anchor="{anchor}"{white}>{escape(shown)}</text>'
    )


def goodness(figure: Figure) -> float:
    """How many times as good as its target; 1 is just reached."""
    assert figure.target
    return figure.ratio / figure.target if figure.at_least else figure.target / max(figure.ratio, 1e-9)


def _length(times: float) -> int:
    return round((WIDTH - LABELS - 12) * times / MOST)


def _fitting(words: str) -> str:
    return words if len(words) <= 60 else words[:59] + "…"
