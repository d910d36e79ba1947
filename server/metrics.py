"""The figures of this process for Prometheus: one table of names, meanings and where each is read when somebody asks.

Nothing is counted here, so nothing is paid for where messages pass. No figure tells about a person or a conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chat.ledger.backlog import Backlog
from chat.ledger.group import Stats
from chat.ledger.writer import running_writer
from chat.live import wire
from server import bells
from server.health import Health

Reading = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that figures are read from, looked at once for each answer; None where there is nothing to look at."""

    writer: Stats
    bells: bells.Stats | None
    health: Health | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A row: its name, which ends in `_total` if it only ever rises, what it means, and its value; None leaves it out."""

    name: str
    about: str
    read: Callable[[Sources], Reading]

    def family(self, sources: Sources) -> Iterator[Metric]:
        value = self.read(sources)
        if value is not None:
            kind = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
            yield kind(self.name, self.about, value=value)


def _of_bells(read: Callable[[bells.Stats], Reading]) -> Callable[[Sources], Reading]:
    return lambda sources: read(sources.bells) if sources.bells else None


def _of_backlog(read: Callable[[Backlog], Reading]) -> Callable[[Sources], Reading]:
    return lambda sources: read(sources.health.backlog) if sources.health and sources.health.backlog else None


TABLE: tuple[Figure, ...] = (
    Figure("throughline_problems", "what prevents this process from working, as /health names it", lambda s: _problems(s.health)),
    Figure("throughline_warnings", "what is worse than it should be, as /health names it", lambda s: _warnings(s.health)),
    Figure("throughline_ledger_written_total", "commands stored by this process", lambda s: s.writer.written),
    Figure("throughline_ledger_batches_total", "commits made for them", lambda s: s.writer.batches),
    Figure("throughline_ledger_largest_batch", "commands in the largest commit so far", lambda s: s.writer.largest),
    Figure("throughline_ledger_refused_total", "commands that their own rules refused", lambda s: s.writer.refused),
    Figure(
        "throughline_ledger_conflicts_total", "commits put together anew, because another process was quicker", lambda s: s.writer.conflicts
    ),
    Figure("throughline_ledger_careful_total", "commits that read and locked before they wrote", lambda s: s.writer.careful),
    Figure("throughline_ledger_busy_total", "commands sent away, because the queue was full or the store away", lambda s: s.writer.busy),
    Figure("throughline_ledger_waiting", "commands that wait to be stored", lambda s: s.writer.waiting),
    Figure("throughline_sockets_open", "live connections", lambda _: len(wire.open_sockets)),
    Figure(
        "throughline_sockets_behind_total",
        "live connections closed because their reader was too far behind",
        lambda _: wire.Wire.fallen_behind,
    ),
    Figure(
        "throughline_bells_published_total",
        "announcements published to other processes, many commits in one",
        _of_bells(lambda b: b.published),
    ),
    Figure("throughline_bells_heard_total", "announcements heard from other processes", _of_bells(lambda b: b.heard)),
    Figure("throughline_bells_lost_total", "conversations that moved while the others could not be told", _of_bells(lambda b: b.lost)),
    Figure("throughline_bells_gaps_total", "times that announcements of others were found missing", _of_bells(lambda b: b.gaps)),
    Figure("throughline_bells_connected", "1 while Redis carries announcements, else 0", _of_bells(lambda b: b.connected)),
    Figure(
        "throughline_bells_silent_seconds", "since anything came from Redis, which is a few seconds at most", _of_bells(lambda b: b.silent)
    ),
    Figure("throughline_bells_others", "other processes heard of lately", _of_bells(lambda b: b.others)),
    Figure("throughline_sweeps_total", "comparisons of what is followed here with the ledger", lambda _: bells.sweeps()),
    Figure("throughline_mails_waiting", "mails kept and not yet read, 1000 for more", _of_backlog(lambda b: b.mails_waiting)),
    Figure("throughline_mails_waiting_seconds", "since the oldest of them came in", _of_backlog(lambda b: b.mails_waiting_seconds)),
    Figure("throughline_mails_quarantined", "mails set aside for an agent, 1000 for more", _of_backlog(lambda b: b.mails_quarantined)),
    Figure(
        "throughline_deliveries_waiting",
        "deliveries not yet taken by the other side, 1000 for more",
        _of_backlog(lambda b: b.deliveries_waiting),
    ),
    Figure(
        "throughline_deliveries_oldest_seconds", "since the oldest of them was written", _of_backlog(lambda b: b.deliveries_oldest_seconds)
    ),
    Figure(
        "throughline_deliveries_late_seconds",
        "how long one is past the time of its next try",
        _of_backlog(lambda b: b.deliveries_late_seconds),
    ),
    Figure("throughline_deliveries_put_off", "deliveries tried at least twice and not taken", _of_backlog(lambda b: b.deliveries_put_off)),
    Figure("throughline_alarms_late", "alarms past their time, 1000 for more", _of_backlog(lambda b: b.alarms_late)),
    Figure("throughline_alarms_late_seconds", "how long the first of them is past it", _of_backlog(lambda b: b.alarms_late_seconds)),
)


class Figures(Collector):
    """Reads the table when somebody asks."""

    def __init__(self, found: Health | None) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        sources = Sources(writer=running_writer().stats(), bells=bells.stats(), health=self._found)
        for figure in TABLE:
            yield from figure.family(sources)

    def describe(self) -> list[Metric]:
        """Nothing, so that the registry does not collect in order to learn the names."""
        return []


def registry(found: Health | None) -> CollectorRegistry:
    """The table and what the kernel knows about this process. `found` is this process's health, None if it could not be found out."""
    made = CollectorRegistry()
    made.register(Figures(found))
    ProcessCollector(registry=made)
    return made


def _problems(found: Health | None) -> int:
    return 1 if found is None else len(found.problems)


def _warnings(found: Health | None) -> int:
    return 0 if found is None else len(found.warnings)
