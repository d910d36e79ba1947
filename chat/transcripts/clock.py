"""Times and our own words as one reader has them: a zone, a language, no seconds unless asked for. Knows no event and no format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from chat.transcripts.language import ENGLISH, calendar, said

SECOND = 1_000_000
_EPOCH = datetime.fromtimestamp(0, tz=UTC)
_EARLIEST, _LATEST = -62_000_000_000 * SECOND, 253_000_000_000 * SECOND
FIELDS = {
    "address": "address",
    "attachments": "file",
    "by": "name",
    "original": "mail as it came or went",
    "said": "words of the other server",
    "subject": "subject",
    "text": "text",
}
"""What fields are called; the others by their own names."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]{0,31}(/[A-Za-z0-9_+\-]{1,32}){0,2}\Z")


@dataclass(frozen=True, slots=True)
class Clock:
    """Renders the ledger's times (microseconds since 1970 in UTC) in one zone, named as in the IANA list, and in one language."""

    zone: str = "UTC"
    language: str = ENGLISH

    def say(self, text: str, /, **values: object) -> str:
        """English words in the reader's language, with values in their `{places}`."""
        return said(self.language, text, **values)

    def part(self, name: str) -> str:
        """What a field of an entry is called: "text", "shown name", "file 1"."""
        field, _, number = name.partition(".")
        words = self.say(FIELDS.get(field, field.replace("_", " ")))
        return f"{words} {int(number) + 1}" if number.isdigit() else words

    def at(self, micros: int) -> datetime:
        return _local(self.zone, micros)

    def day(self, micros: int) -> str:
        """Saturday 21 November 2026"""
        return _written(self.at(micros).date(), self.language, "day")

    def date(self, micros: int) -> str:
        """Sat 21 Nov 2026"""
        return _written(self.at(micros).date(), self.language, "date")

    def plain_date(self, micros: int) -> str:
        """21 November 2026"""
        return _written(self.at(micros).date(), self.language, "plain")

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

    def both(self, micros: int) -> str:
        """Sat 21 Nov 2026, 10:41 (09:41 UTC): with the date where it is another one in UTC."""
        if not self.at(micros).utcoffset():
            return f"{self.full(micros)} (UTC)"
        utc = Clock(language=self.language)
        same = self.at(micros).date() == utc.at(micros).date()
        return f"{self.full(micros)} ({utc.time(micros) if same else utc.full(micros)} UTC)"

    def offset(self, micros: int) -> str:
        """How far the zone is from UTC at a moment: UTC+01:00, or UTC."""
        minutes = int((self.at(micros).utcoffset() or timedelta()).total_seconds()) // 60
        return f"UTC{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "UTC"

    def duration(self, seconds: int) -> str:
        """2 h 5 min: the two largest units."""
        minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
        if days:
            return self.say("{days} d {hours} h", days=days, hours=hours % 24)
        if hours:
            return self.say("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
        return self.say("{minutes} min {seconds} s", minutes=minutes, seconds=seconds % 60)

    def iso(self, micros: int) -> str:
        return self.at(micros).isoformat(timespec="milliseconds")

    def machine(self, micros: int) -> str:
        """2026-11-21T10:41:07Z, for the datetime attribute."""
        return _utc(micros).strftime("%Y-%m-%dT%H:%M:%SZ")


def known_zone(name: str) -> str:
    """The name of a zone if it is one of the IANA list, else empty: what a browser sends is printed, so it is looked at first."""
    return name if _NAME.match(name) and (name == "UTC" or _zone(name) is not UTC) else ""


def _utc(micros: int) -> datetime:
    """The moment; the nearest that a calendar has, for what a mail claims may lie anywhere."""
    return _EPOCH + timedelta(microseconds=max(_EARLIEST, min(micros, _LATEST)))


@lru_cache(maxsize=64)
def _local(zone: str, micros: int) -> datetime:
    # One entry asks for its moment some ten times.
    return _utc(micros).astimezone(_zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@lru_cache(maxsize=256)
def _written(day: date, language: str, style: str) -> str:
    # Most entries of a long transcript share their day with the one before.
    names = calendar(language)
    pattern: str = getattr(names, style)
    return pattern.format(
        weekday=names.weekdays[day.weekday()],
        short_weekday=names.short_weekdays[day.weekday()],
        day=day.day,
        month=names.months[day.month - 1],
        short_month=names.short_months[day.month - 1],
        year=day.year,
    )


def size(octets: int) -> str:
    """1.8 MB, as people read sizes (powers of 1000)."""
    if octets < 1000:
        return f"{octets} bytes"
    if octets < 1_000_000:
        return f"{round(octets / 1000)} KB"
    return f"{octets / 1_000_000:.1f} MB"
