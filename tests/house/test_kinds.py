"""Every kind of event keeps the contract that the ledger, the pages and the downloads rely on."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from chat.ledger.event import Audience, Kind, Stamp, from_fields, kind_named, kinds, to_fields
from chat.ledger.state import State
from tests.house.listings import load_every_kind

load_every_kind()
every_kind = pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)


@every_kind
def test_a_kind_is_a_frozen_dataclass_that_says_what_it_is(kind: type[Kind]) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("), "It has a docstring of its own."


@every_kind
def test_a_kind_is_found_by_its_name(kind: type[Kind]) -> None:
    assert kind_named(kind.name) is kind
    assert kind.name == kind.name.lower()
    assert kind.version >= 1
    assert kind.audience in tuple(Audience)


@every_kind
def test_personal_fields_exist(kind: type[Kind]) -> None:
    assert kind.personal <= {field.name for field in fields(kind)}  # type: ignore[arg-type]


@every_kind
def test_an_example_comes_back_from_its_sealed_fields(kind: type[Kind]) -> None:
    example = kind.example()
    assert from_fields(kind.name, kind.version, to_fields(example)) == example


@every_kind
def test_a_sentence_is_one_plain_sentence(kind: type[Kind]) -> None:
    sentence = kind.example().sentence()
    assert sentence == sentence.strip()
    assert "\n" not in sentence
    assert len(sentence) > 5
    assert sentence[-1] in '.!?”"'


@every_kind
def test_folding_gives_a_state_and_the_same_one_each_time(kind: type[Kind]) -> None:
    stamp = Stamp(position=1, at=1_700_000_000_000_000, actor="customer:1", channel="widget", audience=kind.audience)
    once, again = kind.example().fold(State(), stamp), kind.example().fold(State(), stamp)
    assert isinstance(once, State)
    assert once == again
