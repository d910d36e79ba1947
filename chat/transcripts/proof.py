"""Signs the head of a transcript; checks and compares JSON transcripts by themselves: without database, network or keys of ours.

Knows no page. Who only checks needs no Django: what signs is imported where it signs.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from chat.ledger import note, seal
from chat.ledger.seal import Broken


@dataclass(frozen=True, slots=True)
class Compared:
    """An older and a newer transcript of one conversation: the entries of each, what was crossed out between them, what does not fit."""

    older: int
    newer: int
    crossed_out: tuple[tuple[int, tuple[str, ...]], ...]
    """Position and names of fields that the older one shows and the newer one does not."""
    problem: Broken | None


class Different(ValueError):
    """Two transcripts that cannot be compared; the sentence says why."""


def head_text(origin: str, conversation: int, position: int, seal: bytes) -> str:
    """What is signed: the chain of this conversation, up to this position, ends in this seal."""
    return f"{origin}/conversation/{conversation}\n{position}\n{base64.b64encode(seal).decode()}\n"


def head_note(conversation: int, position: int, seal: bytes) -> str:
    """The signed note about a head (c2sp.org/signed-note). Reads and, with a new key, writes the list of keys."""
    from chat.people import signing_keys

    return signing_keys.sign(head_text(signing_keys.origin(), conversation, position, seal))


def head_proof(conversation: int, position: int, seal: bytes) -> dict[str, Any]:
    """What a JSON transcript holds under `proof`: the signed note, and the verifier key that opens it."""
    from chat.people import signing_keys

    return {"note": head_note(conversation, position, seal), "keys": [signing_keys.current_key().vkey]}


def signer(document: dict[str, Any]) -> note.Key | None:
    """The key that signed the head of a JSON transcript, out of those that the file names itself; None if it carries no note.

    Whose key it is, only the list at its origin can say. Raises BadNote if the note does not belong to this transcript.
    """
    signed = document.get("proof")
    if not signed:
        return None
    text, keys = note.signed_by(str(signed["note"]), signed["keys"])
    if text != head_text(keys[0].name, int(document["conversation"]), document["upto"], bytes.fromhex(document["seal"])):
        raise note.BadNote("The signed note is about another head than that of this transcript.")
    return keys[0]


def compared(older: dict[str, Any], newer: dict[str, Any]) -> Compared:
    """Is the older transcript the beginning of the newer one? Both were checked by themselves before. Raises Different."""
    if older["conversation"] != newer["conversation"]:
        raise Different(f"They are about two conversations, {older['case_number']} and {newer['case_number']}.")
    crossed: list[tuple[int, tuple[str, ...]]] = []
    problem: Broken | None = None
    for before, after in zip(older["entries"], newer["entries"], strict=False):
        if before["seal"] != after["seal"]:
            problem = Broken(before["position"], "the two transcripts have different entries here")
            break
        gone = tuple(sorted(name for name, pair in after.get("fields", {}).items() if pair is None and before.get("fields", {}).get(name)))
        if gone:
            crossed.append((before["position"], gone))
    if problem is None and older["upto"] > newer["upto"]:
        problem = Broken(newer["upto"] + 1, f"the newer transcript ends at entry {newer['upto']}, the older one at {older['upto']}")
    return Compared(older["upto"], newer["upto"], tuple(crossed), problem)


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
