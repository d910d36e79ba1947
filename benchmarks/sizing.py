"""How large an installation must be: the sums in docs/operations.md, made from results.json.

`python -m benchmarks.sizing` writes them anew. What was not measured yet stands as assumed. Knows no area but by the keys of its figures.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import results
from benchmarks.places import ROOT

PAGE = ROOT / "docs/operations.md"
BEGIN, END = "<!-- sums: begin -->\n", "<!-- sums: end -->\n"
CUSTOMERS = (1_000, 100_000, 10_000_000)
YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Basis:
    """A measured figure that the sums stand on: the median of A under this key, times `share`."""

    sign: str
    means: str
    key: str
    unit: str
    assumed: float
    share: float = 1.0


BASES = (
    Basis("K", "memory of an idle connection", "sockets.idle.15000.daphne", "KB", 34),
    Basis("R", "messages of one `serve`, crossing to another one", "processes.second", "a second", 1500, share=0.5),
    Basis("B", "announcements that one `serve` hears", "processes.deliveries", "a second", 11_000),
    Basis("A", "events that one PostgreSQL takes", "appends.postgresql.pgbench", "a second", 10_000),
    Basis("G", "mails of 5 KB that one `mail` takes", "mail.5kb.postgresql.aiosmtpd", "a second", 300),
    Basis("w", "rows written for an event", "growth.rows", "rows", 2.4),
    Basis("s", "disk for an event, indexes included", "growth.stored", "KB", 3.5),
    Basis("l", "write-ahead log for an event", "growth.logged", "KB", 4.2),
)


@dataclass(frozen=True, slots=True)
class Known:
    basis: Basis
    value: float
    taken: str
    """The day it was measured; empty if it was not."""


def known(kept: results.Results) -> dict[str, Known]:
    """Each basis by its sign, measured where it was."""
    found = {figure.key: (figure, area.taken) for area in kept.areas for figure in area.figures}
    bases = {}
    for basis in BASES:
        figure, taken = found.get(basis.key, (None, ""))
        value = statistics.median(figure.values_a) * basis.share if figure else basis.assumed
        bases[basis.sign] = Known(basis, _rounded(value), taken)
    return bases


class Sums:
    """For `n` customers who are connected at once; the formulas that the page shows."""

    def __init__(self, n: int, base: dict[str, Known]) -> None:
        k, r, b, a, g, w, s, l = (base[sign].value for sign in "KRBAGwsl")  # noqa: E741  # the page's signs
        self.sockets = n * 1.05
        self.messages = n / 60
        self.mails = self.messages / 20
        self.events = self.messages * 1.2
        self.serve = math.ceil(max(self.messages / (0.3 * r), self.sockets / 15_000))
        self.memory = self.sockets * k * 1e3 + self.serve * 150e6
        self.heard = self.events / b
        self.mail = math.ceil(self.mails / (0.3 * g))
        self.postgres = math.ceil(self.events / (0.5 * a))
        self.rows = self.events * w
        self.log = self.events * l * 1e3
        self.disk = self.events / 3 * YEAR * s * 1e3


ROWS: tuple[tuple[str, str, Callable[[Sums], str]], ...] = (
    ("sockets", "*n* × 1.05", lambda sums: _count(sums.sockets)),
    ("messages a second *m*", "*n* / 60", lambda sums: _count(sums.messages)),
    ("mails in a second", "*m* / 20", lambda sums: _count(sums.mails)),
    ("events a second *e*", "*m* × 1.2", lambda sums: _count(sums.events)),
    ("processes `serve`", "larger of *m* / 0.3 *R* and sockets / 15,000", lambda sums: _count(sums.serve)),
    ("their memory", "sockets × *K* + 150 MB each", lambda sums: _octets(sums.memory)),
    ("announcements, of what each `serve` can hear", "*e* / *B*", lambda sums: f"{_rounded(sums.heard * 100):,g} %"),
    ("processes `mail`", "mails / 0.3 *G*", lambda sums: _count(sums.mail)),
    ("PostgreSQL servers", "*e* / 0.5 *A*", lambda sums: _count(sums.postgres)),
    ("rows a second", "*e* × *w*", lambda sums: _count(sums.rows)),
    ("write-ahead log a second", "*e* × *l*", lambda sums: _octets(sums.log)),
    ("disk a year, without attachments", "*e* / 3 × a year × *s*", lambda sums: _octets(sums.disk)),
)


def rendered(kept: results.Results) -> str:
    """The figures and the sums, as they stand between the two marks on the page."""
    base = known(kept)
    return "\n".join([BEGIN, *_figures(base), "", *_sums(base), "", END])


def written(page: str, kept: results.Results) -> str:
    """The page with the sums in their place."""
    before, _, rest = page.partition(BEGIN)
    return before + rendered(kept) + rest.partition(END)[2]


def _figures(base: dict[str, Known]) -> Iterator[str]:
    yield "| sign | figure | value | from |"
    yield "|---|---|---|---|"
    for sign, found in base.items():
        half = ", half of A" if found.basis.share != 1 else ", A"
        source = f"`{found.basis.key}`{half}, {found.taken}" if found.taken else f"assumed, until `{found.basis.key}` is measured"
        yield f"| *{sign}* | {found.basis.means} | {found.value:,g} {found.basis.unit} | {source} |"


def _sums(base: dict[str, Known]) -> Iterator[str]:
    columns = [Sums(n, base) for n in CUSTOMERS]
    yield _row(["customers at once *n*", "sum", *(f"{n:,}" for n in CUSTOMERS)])
    yield "|---|---|" + "---|" * len(CUSTOMERS)
    for name, formula, shown in ROWS:
        yield _row([name, formula, *map(shown, columns)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rounded(value: float) -> float:
    """To two digits: more would claim to know more."""
    return float(f"{value:.2g}")


def _count(value: float) -> str:
    return f"{_rounded(value):,.0f}" if value >= 10 else f"{_rounded(value):g}"


def _octets(value: float) -> str:
    for unit in ("KB", "MB", "GB", "TB"):
        value /= 1000
        if value < 1000 or unit == "TB":
            break
    return f"{_rounded(value):,g} {unit}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), results.read()))
