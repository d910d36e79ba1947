"""The languages a transcript can be written in. English words are the keys of a catalogue (german.json); what it lacks stays English.

Only our own words are translated: what people wrote, and the sentences stored with entries, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

from chat.transcripts.plain import inline, isolated

ENGLISH = "en"


class Calendar(NamedTuple):
    """Names of days (Monday first) and months, and how dates are put together of them."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    short_weekdays: tuple[str, ...]
    short_months: tuple[str, ...]
    day: str
    date: str
    plain: str


_WORDS: Mapping[str, Mapping[str, str]] = {ENGLISH: {}, "de": orjson.loads(Path(__file__).with_name("german.json").read_bytes())}
_CALENDARS = {
    ENGLISH: Calendar(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
        short_weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        short_months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        day="{weekday} {day} {month} {year}",
        date="{short_weekday} {day} {short_month} {year}",
        plain="{day} {month} {year}",
    ),
    "de": Calendar(
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"),
        short_weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
        short_months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."),
        day="{weekday}, {day}. {month} {year}",
        date="{short_weekday} {day}. {short_month} {year}",
        plain="{day}. {month} {year}",
    ),
}


def known(tag: str) -> str:
    """The language for a tag (BCP 47, as `de-AT`) or an Accept-Language header; English for one we do not have."""
    for wanted in tag[:200].split(","):
        name = wanted.partition(";")[0].strip().lower().partition("-")[0]
        if name in _WORDS:
            return name
    return ENGLISH


def calendar(language: str) -> Calendar:
    return _CALENDARS[language]


def words(language: str) -> Mapping[str, str]:
    """The catalogue of a language, by the English words."""
    return _WORDS[language]


def said(language: str, text: str, /, **values: object) -> str:
    """Our words in a language, around values that people wrote, which change neither the line nor its direction."""
    text = _WORDS[language].get(text, text)
    return text.format_map({name: isolated(inline(str(value))) for name, value in values.items()}) if values else text
