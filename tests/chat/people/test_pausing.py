"""An address is paused by what really speaks against it, for a while, and nobody else's with it."""

from __future__ import annotations

import pytest

from chat.people import pausing
from chat.people.pausing import Unreached

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("database")]
NADIA = "nadia@customer.example"
DAY = 24 * 3600.0
NOW = 1_795_780_800.0


def _note(kind: str, mail: int, *, at: float = NOW, address: str = NADIA, site: int = 1) -> bool:
    return pausing.note(site, address, kind, conversation=77, position=mail, now=at)


def test_two_hard_bounces_of_two_mails_pause_and_one_reported_twice_does_not() -> None:
    assert not _note("hard", 1)
    assert not _note("hard", 1)
    assert not pausing.paused(1, NADIA, now=NOW)
    assert _note("hard", 2)
    assert _note("hard", 2), "asked again, it was still the one"
    assert not _note("hard", 3), "it was paused before"
    assert pausing.paused(1, "Nadia@Customer.example", now=NOW) == "hard"
    assert not pausing.paused(2, NADIA, now=NOW), "another brand knows nothing of it"
    assert not pausing.paused(1, "ines@customer.example", now=NOW)


def test_a_bad_day_pauses_nothing_and_a_bad_fortnight_does() -> None:
    for mail in range(8):
        assert not _note("soft", mail)
    assert not pausing.paused(1, NADIA, now=NOW)
    assert _note("soft", 9, at=NOW + 8 * DAY)
    assert pausing.paused(1, NADIA, now=NOW + 8 * DAY) == "soft"


def test_it_ends_by_itself_and_a_complaint_does_not() -> None:
    _note("hard", 1)
    _note("hard", 2)
    assert not pausing.paused(1, NADIA, now=NOW + 31 * DAY)
    assert _note("complaint", 3, at=NOW + 31 * DAY)
    assert pausing.paused(1, NADIA, now=NOW + 400 * DAY) == "complaint"
    pausing.arrived(1, NADIA)
    assert pausing.paused(1, NADIA, now=NOW + 31 * DAY) == "complaint"
    assert pausing.lift(1, NADIA)
    assert not pausing.lift(1, NADIA)
    assert not pausing.paused(1, NADIA, now=NOW + 31 * DAY)


def test_no_address_stands_in_the_table_and_nothing_of_the_erased() -> None:
    _note("complaint", 1)
    row = Unreached.objects.get()
    assert "nadia" not in str(row.__dict__)
    pausing.forget(1, [NADIA])
    assert not Unreached.objects.exists()


def test_nothing_is_known_of_nobody() -> None:
    assert not pausing.note(1, "", "hard", conversation=1, position=1)
    assert not pausing.paused(1, "")
