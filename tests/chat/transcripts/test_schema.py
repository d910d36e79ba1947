"""The published schemas say what the files hold, for every kind and every reader, and refuse what is no transcript."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from chat.ledger.event import Audience
from chat.transcripts import document
from chat.transcripts.transcript import render
from tests.chat.transcripts import golden
from tests.house.sources import ROOT

WHOLE, LINE = (orjson.loads((ROOT / f"static/schemas/{name}.json").read_bytes()) for name in ("transcript-1", "transcript-lines-1"))
KNOWN = Registry().with_resource(WHOLE["$id"], Resource.from_contents(WHOLE))
whole = Draft202012Validator(WHOLE)
line = Draft202012Validator(LINE, registry=KNOWN)


@pytest.fixture(params=Audience)
def audience(request: pytest.FixtureRequest, database: str) -> Audience:
    golden.tell()
    return Audience(request.param)


def _octets(name: str, audience: Audience) -> bytes:
    return b"".join(render(name, golden.CONVERSATION, audience=audience, made_at=golden.MADE))


def test_the_schemas_are_schemas() -> None:
    Draft202012Validator.check_schema(WHOLE)
    Draft202012Validator.check_schema(LINE)


def test_a_transcript_of_every_kind_fits(audience: Audience) -> None:
    whole.validate(orjson.loads(_octets("json", audience)))


def test_every_line_of_json_lines_fits_one_place_only(audience: Audience) -> None:
    for octets in _octets("jsonl", audience).splitlines():
        line.validate(orjson.loads(octets))


def test_what_is_missing_or_of_another_type_does_not_fit(audience: Audience) -> None:
    good = orjson.loads(_octets("json", audience))
    for change in (_without_seal, _with_a_float, _with_both, _of_another_version):
        with pytest.raises(ValidationError):
            whole.validate(change(copy.deepcopy(good)))


def _without_seal(found: dict[str, Any]) -> dict[str, Any]:
    del found["entries"][3]["seal"]
    return found


def _with_a_float(found: dict[str, Any]) -> dict[str, Any]:
    found["entries"][0]["body"]["page"] = 1.5
    return found


def _with_both(found: dict[str, Any]) -> dict[str, Any]:
    found["entries"][0]["left_out"] = "team"
    return found


def _of_another_version(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"version": 2}


def test_the_schema_is_served_where_the_file_says() -> None:
    answer = Client().get(document.SCHEMA)
    assert answer.status_code == 200
    assert orjson.loads(b"".join(answer.streaming_content)) == WHOLE
