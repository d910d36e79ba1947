"""Checks a JSON transcript by itself: no database, no network, no keys. Knows the file's shape and the seal's format, nothing else."""

from __future__ import annotations

from typing import Any

import orjson

from chat.ledger import seal
from chat.ledger.seal import Broken


def check(document: dict[str, Any]) -> Broken | tuple[int, str]:
    """The last (position, seal in hex) of a transcript that holds, or its first entry that does not, with what is wrong."""
    previous, position = seal.GENESIS.hex(), 0
    for entry in document["entries"]:
        position += 1
        problem = _problem(entry, position, previous)
        if problem:
            return Broken(position, problem)
        previous = entry["seal"]
    if (document["upto"], document["seal"]) != (position, previous):
        return Broken(position, "the transcript does not end with the seal it names")
    return position, previous


def _problem(entry: dict[str, Any], position: int, previous: str) -> str:
    try:
        header, digests = orjson.loads(entry["header"]), orjson.loads(entry["digests"])
    except (orjson.JSONDecodeError, KeyError):
        return "its header or its list of digests cannot be read"
    if entry.get("position") != position or header.get("position") != position:
        return f"entry {position} is missing"
    if header.get("prev") != previous:
        return "it does not follow from the entry before"
    if "left_out" not in entry:
        problem = _content(entry, header, digests)
        if problem:
            return problem
    body = seal.body_digest(entry["digests"].encode())
    return "" if seal.chain(entry["header"].encode(), body).hex() == entry["seal"] else "its seal does not follow from its content"


def _content(entry: dict[str, Any], header: dict[str, Any], digests: dict[str, str]) -> str:
    for name in ("kind", "kind_version", "actor", "channel", "audience", "at"):
        if entry[name] != header[name]:
            return f"its {name!r} is not the sealed one"
    if set(entry["fields"]) != set(digests):
        return "a field was added or removed"
    shown = {**entry["body"], "_sentence": entry["sentence"]}
    for name, pair in entry["fields"].items():
        if pair is None:
            continue
        if seal.field_digest(bytes.fromhex(pair["salt"]), pair["value"].encode()).hex() != digests[name]:
            return f"the field {name!r} was changed"
        if orjson.loads(pair["value"]) != shown.get(name):
            return f"the field {name!r} reads differently from what was sealed"
    return ""
