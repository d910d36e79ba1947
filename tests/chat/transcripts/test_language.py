"""Our own words are whole in every language, and values in them stay what they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from chat.events import authorship, delivery, erasure, retention
from chat.transcripts import (
    clock,
    disclosure,
    everything,
    language,
    reading,
    readme,
    record,
    wording,
    wording_course,
    wording_keeping,
    wording_record,
    wording_said,
)
from chat.transcripts.clock import Clock, known_zone
from tests.house.sources import named, tree

BY_CODE = [
    clock.FIELDS,
    reading.ROLES,
    reading.FORMATS,
    wording.CHANNELS,
    wording_said.DOUBTS,
    authorship.SENTENCES,
    wording_said.PASSED,
    wording_said.MISSED,
    wording_said.CAUSES,
    wording_course.CONFIRMED,
    wording_record.AUTOMATIC,
    wording_record.HOW,
    delivery.CAUSES,
    delivery.PAUSES,
    wording_record.CROSSED,
    disclosure.GROUNDS_TOLD,
    wording_keeping.MASKED,
    retention.HOLD_GROUNDS,
    erasure.GROUNDS,
    erasure.REFUSALS,
    readme.ABOUT,
    readme.FOLDERS,
    record.REASONS,
    everything.REASONS,
]
"""Words that are looked up by a code."""
STATES = ["open", "closed", "snoozed", "new", "late", "kept", "withdrawn", "replaced"]


def _said() -> set[str]:
    """All English words that a transcript is made of, as they stand in the code."""
    found = {word for path in named(".py", under=("chat/transcripts/",)) for call in _calls(path) for word in _words(call)}
    return found | {word for table in BY_CODE for word in table.values()} | {*STATES, reading.DIGEST, reading.WITHHELD}


def _calls(path: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def _words(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "say" and call.args:
        yield from _constants(call.args[0])
    if name in ("_said", "_term") and len(call.args) > 1:
        yield from _constants(call.args[1])
    if name in ("facts", "_mail"):
        yield from (keyword.arg.replace("_", " ").capitalize() for keyword in call.keywords if keyword.arg)


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_constants(node.body), *_constants(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_german_has_every_word_and_none_that_is_not_said() -> None:
    assert set(language.words("de")) == _said()


def test_the_same_values_stand_in_both_languages() -> None:
    for english, other in language.words("de").items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", other)), english


def test_an_unknown_language_is_english() -> None:
    assert [language.known(tag) for tag in ("de-AT", "fr, de;q=0.8", "tlh", "", "DE")] == ["de", "de", "en", "en", "de"]


def test_a_name_can_neither_break_the_line_nor_turn_it_around() -> None:
    assert Clock().say("Closed by {by}", by="Tom\n10:41  [7] Ines") == "Closed by Tom\u242410:41  [7] Ines"
    assert Clock().say("Closed by {by}", by="Tom {by} \u202e") == "Closed by Tom {by} [U+202E]"
    assert Clock(language="de").say("Closed by {by}", by="נדיה") == "Geschlossen von \u2068נדיה\u2069"


def test_days_are_named_in_the_language() -> None:
    at = 1_795_257_727_000_000
    german = Clock("Europe/Berlin", "de")
    assert [german.day(at), german.full(at)] == ["Samstag, 21. November 2026", "Sa 21. Nov. 2026, 11:42"]
    assert [german.both(at), german.offset(at)] == ["Sa 21. Nov. 2026, 11:42 (10:42 UTC)", "UTC+01:00"]
    assert Clock("Pacific/Auckland").both(at) == "Sat 21 Nov 2026, 23:42 (10:42 UTC)"
    assert Clock("America/St_Johns").offset(at) == "UTC-03:30"
    assert [german.duration(seconds) for seconds in (4, 3_725, 200_000)] == ["0 min 4 s", "1 h 2 min", "2 T 7 h"]


def test_a_zone_is_one_of_the_list_or_none() -> None:
    names = ("Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "../../etc/passwd", "Europe", "No/Land", "a\nb", "")
    assert [known_zone(name) for name in names] == [*names[:4], *[""] * 5]


def test_a_moment_that_no_calendar_has_is_the_nearest_one() -> None:
    found = [Clock("Asia/Kolkata").date(at).split()[-1] for at in (-(2**60), 2**60, -(2**53), 2**53)]
    assert found == ["5", "9987", "1684", "2255"]
    assert Clock("Asia/Kolkata").machine(2**60).startswith("9987-")
