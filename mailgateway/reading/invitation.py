"""A calendar invitation in a few readable lines: what, when, where, who (RFC 5545, as far as mails use it). Bounded, never an error.

Knows no mail; the times stand as they were written, with their zone.
"""

from __future__ import annotations

import re
from datetime import datetime

from mailgateway.reading.encoded_words import one_line

MAX_OCTETS = 200_000
MAX_GUESTS = 20
MAX_LINE = 300

_LINE = re.compile(r"([A-Za-z0-9-]{1,60})((?:;[^:\"]{0,200}(?:\"[^\"]{0,200}\"[^:\"]{0,200}){0,5}){0,1}):(.*)")
_NAMED = re.compile(r"CN=(\"[^\"]{1,200}\"|[^;:\"]{1,200})", re.IGNORECASE)
_ZONE = re.compile(r"TZID=\"?([^;:\"]{1,60})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([nN,;\\])")
_METHODS = {"REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Other time proposed"}


def lines(calendar: str) -> tuple[str, ...]:
    """The first event or task of the calendar; () if there is none."""
    known: dict[str, tuple[str, str]] = {}
    guests: list[str] = []
    within = ""
    for line in calendar[:MAX_OCTETS].replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "").split("\n"):
        match = _LINE.match(line)
        if not match:
            continue
        name, params, value = match[1].upper(), match[2], match[3].strip()
        if name == "BEGIN" and value.upper() in {"VEVENT", "VTODO"}:
            within = value.upper()
        elif name == "END" and value.upper() == within:
            break
        elif name == "BEGIN" and within:
            within = "other"  # an alarm within the event; its lines come after the event's own
        elif name == "ATTENDEE" and within in {"VEVENT", "VTODO"} and len(guests) < MAX_GUESTS:
            guests.append(_person(params, value))
        elif within in {"VEVENT", "VTODO"} or name == "METHOD":
            known.setdefault(name, (params, value))
    return _told(known, guests) if within else ()


def _told(known: dict[str, tuple[str, str]], guests: list[str]) -> tuple[str, ...]:
    def value(name: str) -> str:
        return _plain(known.get(name, ("", ""))[1])

    method = _METHODS.get(value("METHOD").upper(), "Calendar entry")
    told = [f"{method}: {value('SUMMARY') or 'without a title'}"]
    start, end = _moment(*known.get("DTSTART", ("", ""))), _moment(*known.get("DTEND", known.get("DUE", ("", ""))))
    if start or end:
        told.append(f"When: {start}" + (f" to {end}" if end and start else end))
    if value("LOCATION"):
        told.append(f"Where: {value('LOCATION')}")
    if "ORGANIZER" in known:
        told.append(f"From: {_person(*known['ORGANIZER'])}")
    if guests:
        told.append(f"Who: {', '.join(guests)}")
    return tuple(line[:MAX_LINE] for line in told)


def _moment(params: str, value: str) -> str:
    zone = _ZONE.search(params)
    for form, shown in (("%Y%m%dT%H%M%S", "%Y-%m-%d %H:%M"), ("%Y%m%d", "%Y-%m-%d")):
        try:
            moment = datetime.strptime(value.rstrip("Z")[:15], form)  # noqa: DTZ007 - the zone is told beside it
        except ValueError:
            continue
        told = " UTC" if value.endswith("Z") else f" ({zone[1]})" if zone and "T" in value else ""
        return moment.strftime(shown) + told
    return one_line(value)[:40]


def _person(params: str, value: str) -> str:
    named = _NAMED.search(params)
    address = one_line(value).removeprefix("mailto:").removeprefix("MAILTO:")[:120]
    return one_line(named[1].strip('"')) if named else address


def _plain(value: str) -> str:
    return one_line(_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value))
