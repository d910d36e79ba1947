"""Times as people read them: a zone, a weekday, no seconds unless asked for. Knows no event and no format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
_EPOCH = datetime.fromtimestamp(0, tz=UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Renders the ledger's times (microseconds since 1970 in UTC) in one zone, named as in the IANA list."""

    zone: str = "UTC"

    def at(self, micros: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(_zone(self.zone))

    def day(self, micros: int) -> str:
        """Saturday 21 November 2026"""
        return _written(self.at(micros).date(), "%A {day} %B %Y")

    def date(self, micros: int) -> str:
        """Sat 21 Nov 2026"""
        return _written(self.at(micros).date(), "%a {day} %b %Y")

    def plain_date(self, micros: int) -> str:
        """21 November 2026"""
        return _written(self.at(micros).date(), "{day} %B %Y")

    def time(self, micros: int) -> str:
        """10:41"""
        moment = self.at(micros)
        return f"{moment.hour:02}:{moment.minute:02}"

    def exact(self, micros: int) -> str:
        """Sat 21 Nov 2026, 10:41:07"""
        return f"{self.full(micros)}:{self.at(micros).second:02}"

    def full(self, micros: int) -> str:
        """Sat 21 Nov 2026, 10:41"""
        return f"{self.date(micros)}, {self.time(micros)}"

    def iso(self, micros: int) -> str:
        return self.at(micros).isoformat(timespec="milliseconds")

    def machine(self, micros: int) -> str:
        """2026-11-21T10:41:07Z, for the datetime attribute."""
        return (_EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@lru_cache(maxsize=256)
def _written(day: date, pattern: str) -> str:
    # Most entries of a long transcript share their day with the one before.
    return day.strftime(pattern.replace("{day}", str(day.day)))


def size(octets: int) -> str:
    """1.8 MB, as people read sizes (powers of 1000)."""
    if octets < 1000:
        return f"{octets} bytes"
    if octets < 1_000_000:
        return f"{round(octets / 1000)} KB"
    return f"{octets / 1_000_000:.1f} MB"
