"""The sealed format, held to published vectors that were computed without our code, with rfc8785 and hashlib as oracles."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chat.ledger import seal
from chat.ledger.seal import Broken, NotSealable, Row, canonical, verify

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text())

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
keys = st.text(st.characters(min_codepoint=1, max_codepoint=127))
leaves = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20)


def _rows() -> list[Row]:
    return [_row(entry) for entry in VECTORS["chain"]]


def _row(entry: dict[str, Any]) -> Row:
    header = entry["header"]
    return Row(
        conversation=int(header["conversation"]),
        position=header["position"],
        kind=header["kind"],
        kind_version=header["kind_version"],
        actor=header["actor"],
        channel=header["channel"],
        audience=header["audience"],
        disclose=header["disclose"],
        at=header["at"],
        key=entry["key"],
        key_salt=bytes.fromhex(entry["key_salt"]),
        site=header["site"],
        header=entry["header_bytes"].encode(),
        digests=entry["digests_bytes"].encode(),
        seal=bytes.fromhex(entry["seal"]),
        fields={name: (bytes.fromhex(f["salt"]), canonical(f["value"])) for name, f in entry["fields"].items()},
    )


def _sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def test_what_is_sealed_takes_as_much_room_as_it_is_long() -> None:
    tracemalloc.start()
    try:
        kept = [made for n in range(500) for made in (canonical(f"line {n}"), canonical({"line": n}))]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 200 * len(kept)


@pytest.mark.parametrize("vector", VECTORS["canonical"], ids=lambda vector: vector["name"])
def test_a_value_has_the_published_bytes(vector: dict[str, Any]) -> None:
    assert canonical(vector["value"]) == vector["utf8"].encode() == rfc8785.dumps(vector["value"])


@pytest.mark.parametrize("entry", VECTORS["chain"], ids=lambda entry: entry["header"]["kind"])
def test_an_event_has_the_published_seal(entry: dict[str, Any]) -> None:
    fields = {name: (bytes.fromhex(f["salt"]), canonical(f["value"])) for name, f in entry["fields"].items()}
    sealed = seal.seal(entry["header"], fields)
    assert sealed.header.decode() == entry["header_bytes"]
    assert sealed.digests.decode() == entry["digests_bytes"]
    assert sealed.body_digest.hex() == entry["body_digest"]
    assert sealed.seal.hex() == entry["seal"]


@pytest.mark.parametrize("entry", VECTORS["chain"], ids=lambda entry: entry["header"]["kind"])
def test_the_published_seal_can_be_had_with_a_hash_and_rfc_8785_alone(entry: dict[str, Any]) -> None:
    digests = {
        name: _sha(b"throughline/1/field\0", bytes.fromhex(field["salt"]), rfc8785.dumps(field["value"])).hex()
        for name, field in entry["fields"].items()
    }
    key = _sha(b"throughline/1/key\0", bytes.fromhex(entry["key_salt"]), entry["key"].encode())
    body = _sha(b"throughline/1/body\0", rfc8785.dumps(digests))
    assert entry["header"]["key"] == key.hex()
    assert _sha(b"throughline/1/seal\0", rfc8785.dumps(entry["header"]), body).hex() == entry["seal"]


def test_the_published_chain_verifies() -> None:
    last = VECTORS["chain"][-1]
    assert verify(_rows()) == (3, bytes.fromhex(last["seal"]))


def test_a_chain_verifies_from_the_middle() -> None:
    rows = _rows()
    assert verify(rows[1:], previous=rows[0].seal, position=1) == verify(rows)


@given(values)
def test_every_allowed_value_has_the_bytes_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value", [1.0, 2**53, -(2**53), "\0", "\ud800", ["ok", "\udfff"], {"größe": 1}, {"a\0": 1}, {1: 2}, b"octets", {"deep": [{"x": 0.5}]}]
)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(NotSealable):
        canonical(value)


@pytest.mark.parametrize("name", ["by", "text", "attachments.0", "_sentence"])
def test_a_field_that_is_crossed_out_leaves_all_others_provable(name: str) -> None:
    rows = _rows()
    rows[1] = replace(rows[1], fields={**rows[1].fields, name: None})
    assert verify(rows) == (3, rows[2].seal)
    for other in rows[1].fields.keys() - {name}:
        salt, _ = rows[1].fields[other]  # type: ignore[misc]
        changed = replace(rows[1], fields={**rows[1].fields, other: (salt, b'"else"')})
        assert verify([rows[0], changed, rows[2]]) == Broken(2, f"the field {other!r} was changed")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"actor": "agent:4"}, "header"),
        ({"actor": "agent:\0"}, "header"),
        ({"kind": "note.added"}, "header"),
        ({"kind_version": 2}, "header"),
        ({"channel": "email"}, "header"),
        ({"audience": "agents"}, "header"),
        ({"disclose": "no"}, "header"),
        ({"at": 1_763_720_000_000_002}, "header"),
        ({"at": 2**60}, "header"),
        ({"at": 1}, "time"),
        ({"key": "other"}, "header"),
        ({"key_salt": bytes(16)}, "header"),
        ({"site": 2}, "header"),
        ({"conversation": 7}, "header"),
        ({"header": b"{}"}, "header"),
        ({"digests": b"{"}, "cannot be read"),
        ({"digests": b"{}"}, "added or removed"),
        ({"fields": {}}, "added or removed"),
        ({"seal": bytes(32)}, "seal does not follow"),
        ({"position": 7}, "missing"),
    ],
)
def test_any_change_is_found_and_the_entry_is_named(change: dict[str, Any], problem: str) -> None:
    rows = _rows()
    rows[1] = replace(rows[1], **change)
    found = verify(rows)
    assert isinstance(found, Broken)
    assert found.position == 2
    assert problem in found.problem


def test_an_entry_taken_out_of_the_middle_is_found() -> None:
    rows = _rows()
    assert verify([rows[0], rows[2]]) == Broken(2, "entry 2 is missing; the next one found is 3")


def test_an_entry_sealed_anew_breaks_the_next_one() -> None:
    rows = _rows()
    fields = {**rows[1].fields, "text": (bytes(16), canonical("I never said that."))}
    header = seal.header_of(rows[1], rows[0].seal)
    sealed = seal.seal(header, {name: pair for name, pair in fields.items() if pair is not None})
    forged = replace(rows[1], fields=fields, header=sealed.header, digests=sealed.digests, seal=sealed.seal)
    found = verify([rows[0], forged, rows[2]])
    assert isinstance(found, Broken)
    assert found.position == 3
