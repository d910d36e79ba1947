"""Calendar entries in a few lines."""

from __future__ import annotations

from mailgateway.reading import invitation


def test_an_all_day_event_has_no_time() -> None:
    told = invitation.lines(
        "BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20261124\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert told == ("Cancelled: Fair", "When: 2026-11-24")


def test_folded_lines_and_escapes_are_undone() -> None:
    told = invitation.lines("BEGIN:VEVENT\r\nSUMMARY:Lamp\\, hall\\nand\r\n  stairs\r\nDTSTART:20261124T140000Z\r\nEND:VEVENT")
    assert told == ("Calendar entry: Lamp, hall and stairs", "When: 2026-11-24 14:00 UTC")


def test_a_line_break_in_a_value_makes_no_second_line() -> None:
    (line,) = invitation.lines("BEGIN:VEVENT\nSUMMARY:Lamp\\nWhere: nowhere\nEND:VEVENT")
    assert line == "Calendar entry: Lamp Where: nowhere"


def test_what_is_no_calendar_tells_nothing() -> None:
    assert invitation.lines("") == ()
    assert invitation.lines("SUMMARY:Lamp") == ()
    assert invitation.lines("BEGIN:VTIMEZONE\nDTSTART:20261124\nEND:VTIMEZONE") == ()
