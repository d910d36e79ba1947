"""Times as people read them: a zone, a weekday, no seconds unless asked for. Knows no event and no format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Renders the ledger's times (microseconds since 1970 in UTC) in one zone, named as in the IANA list."""

    zone: str = "UTC"

    def at(self, micros: int) -> datetime:
        moment = datetime.fromtimestamp(0, tz=UTC) + timedelta(microseconds=micros)
        try:
            return moment.astimezone(ZoneInfo(self.zone))
        except (KeyError, ValueError, OSError):
            return moment

    def day(self, micros: int) -> str:
        """Saturday 21 November 2026"""
        return self._with_day(micros, "%A {day} %B %Y")

    def date(self, micros: int) -> str:
        """Sat 21 Nov 2026"""
        return self._with_day(micros, "%a {day} %b %Y")

    def plain_date(self, micros: int) -> str:
        """21 November 2026"""
        return self._with_day(micros, "{day} %B %Y")

    def time(self, micros: int) -> str:
        """10:41"""
        return self.at(micros).strftime("%H:%M")

    def exact(self, micros: int) -> str:
        """Sat 21 Nov 2026, 10:41:07"""
        return f"{self.date(micros)}, {self.at(micros):%H:%M:%S}"

    def full(self, micros: int) -> str:
        """Sat 21 Nov 2026, 10:41"""
        return f"{self.date(micros)}, {self.time(micros)}"

    def iso(self, micros: int) -> str:
        return self.at(micros).isoformat(timespec="milliseconds")

    def machine(self, micros: int) -> str:
        """2026-11-21T10:41:07Z, for the datetime attribute."""
        return datetime.fromtimestamp(micros // SECOND, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _with_day(self, micros: int, pattern: str) -> str:
        moment = self.at(micros)
        return moment.strftime(pattern.replace("{day}", str(moment.day)))


def size(octets: int) -> str:
    """1.8 MB, as people read sizes (powers of 1000)."""
    if octets < 1000:
        return f"{octets} bytes"
    if octets < 1_000_000:
        return f"{round(octets / 1000)} KB"
    return f"{octets / 1_000_000:.1f} MB"
