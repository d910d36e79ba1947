"""The contract of every event kind: examples, sentences, round trips, pure folds, and docs that name them all."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass

import pytest

import chat.events
from chat.ledger import event, state
from chat.ledger.event import SENTENCE, AttachmentRef, Audience, Kind, Stamp, Unknown, from_fields, kinds, to_fields
from chat.ledger.seal import canonical
from chat.ledger.words import of_event, words
from tests.house.kinds_page import DOCS, events_page, privacy_page

for _info in pkgutil.iter_modules(chat.events.__path__):
    importlib.import_module(f"chat.events.{_info.name}")

EVERY = [kind for kind in kinds() if kind.__module__.startswith("chat.events.")]
every_kind = pytest.mark.parametrize("kind", EVERY, ids=[kind.name for kind in EVERY])

FROZEN = {
    "commitment.made",
    "commitment.kept",
    "commitment.withdrawn",
    "commitment.replaced",
    "decision.issued",
    "call.asked",
    "call.booked",
    "call.started",
    "call.ended",
    "call.missed",
    "call.recorded",
    "survey.asked",
    "survey.answered",
    "bot.answered",
    "bot.passed",
    "staff.opened",
    "transcript.taken",
    "privacy.crossed_out",
    "retention.noticed",
    "retention.extended",
    "erasure.asked",
    "hold.set",
    "hold.released",
    "link.issued",
    "link.redeemed",
    "link.revoked",
    "message.said",
    "note.added",
    "message.seen",
    "conversation.opened",
    "conversation.moved",
    "conversation.closed",
    "conversation.reopened",
    "handoff.claimed",
    "handoff.offered",
    "handoff.accepted",
    "handoff.declined",
    "handoff.released",
    "mail.sent",
    "mail.accepted",
    "mail.delayed",
    "mail.bounced",
}
"""Names that stand in sealed headers: they never change."""


NOT_ABOUT_ANYBODY = {"tags", "reason"}
"""Searched fields that need not be personal: words of the house's own, such as the code of a reason."""


def _stamp(kind: type[Kind]) -> Stamp:
    return Stamp(position=3, at=1_763_720_000_000_000, actor="agent:3", channel="widget", audience=kind.audience)


def test_no_frozen_name_is_missing() -> None:
    assert {kind.name for kind in EVERY} >= FROZEN


@every_kind
def test_a_kind_is_a_frozen_dataclass_with_a_dotted_name(kind: type[Kind]) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.name.count(".") == 1
    assert kind.name == kind.name.lower()
    assert kind.version >= 1
    assert isinstance(kind.audience, Audience)
    assert isinstance(kind.speaks, bool)
    assert isinstance(kind.quiet, bool)


@every_kind
def test_an_example_reads_as_one_sentence(kind: type[Kind]) -> None:
    sentence = kind.example().sentence()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200


@every_kind
def test_personal_names_real_fields(kind: type[Kind]) -> None:
    assert kind.personal <= {field.name for field in fields(kind)}  # type: ignore[arg-type]


@every_kind
def test_what_is_searched_of_a_kind_is_text_or_files_and_can_be_crossed_out(kind: type[Kind]) -> None:
    hints = typing.get_type_hints(kind)
    found = (kind.searched | kind.tells_who) & {field.name for field in fields(kind)}  # type: ignore[arg-type]
    assert all(hints[name] in (str, tuple[str, ...], tuple[AttachmentRef, ...]) for name in found)
    assert found - kind.personal <= NOT_ABOUT_ANYBODY


@every_kind
def test_the_words_of_an_example_can_be_found(kind: type[Kind]) -> None:
    values = to_fields(kind.example())
    every, people = of_event(kind.name, kind.version, values)
    written = {word for name in ("text", "subject", "reason", "outcome", "address") for word in words(str(values.get(name) or ""))}
    assert written <= every
    assert people <= every


@every_kind
def test_an_example_survives_storing_and_can_be_sealed(kind: type[Kind]) -> None:
    body = kind.example()
    stored = to_fields(body)
    for value in stored.values():
        canonical(value)
    assert from_fields(kind.name, kind.version, stored) == body


@every_kind
def test_what_is_empty_is_no_field_and_reads_as_it_was(kind: type[Kind]) -> None:
    empty = from_fields(kind.name, kind.version, {})
    assert isinstance(empty, Kind)
    stored = to_fields(empty)
    assert set(stored) == {SENTENCE}
    assert from_fields(kind.name, kind.version, stored) == empty
    # Of a field that may be nothing, no text and nothing would read alike.
    assert not any(type(None) in typing.get_args(hint) for hint in typing.get_type_hints(kind).values())


@every_kind
def test_a_crossed_out_kind_still_reads_and_folds(kind: type[Kind]) -> None:
    body = from_fields(kind.name, kind.version, {})
    assert not isinstance(body, Unknown)
    assert body.sentence().endswith(".")
    body.fold(state.State(), _stamp(kind))


@every_kind
def test_folding_is_pure_and_repeatable(kind: type[Kind]) -> None:
    before = state.State(position=2, status="open", customer=state.Person(ref="customer:41", name="Nadia"))
    kept = state.to_json(before)
    first = kind.example().fold(before, _stamp(kind))
    assert state.to_json(before) == kept
    assert first == kind.example().fold(before, _stamp(kind))
    assert state.from_json(state.to_json(first)) == first


@every_kind
def test_a_kind_holds_no_floats_and_imports_no_django(kind: type[Kind]) -> None:
    hints = typing.get_type_hints(kind)
    assert all(hint is not float for hint in hints.values())
    assert "django" not in inspect.getsource(inspect.getmodule(kind)).split('"""', 2)[2]  # type: ignore[arg-type]


def test_an_unknown_kind_is_shown_by_its_stored_sentence() -> None:
    body = from_fields("lamp.lit", 1, {"colour": "red", event.SENTENCE: "A lamp was lit."})
    assert isinstance(body, Unknown)
    assert body.sentence() == "A lamp was lit."


@pytest.mark.parametrize(("name", "page"), [("events.md", events_page), ("privacy.md", privacy_page)])
def test_the_page_about_kinds_is_what_the_kinds_say(name: str, page: Callable[[], str]) -> None:
    assert (DOCS / name).read_text() == page(), f"docs/{name} is out of date: run `python -m tests.house.kinds_page`."
