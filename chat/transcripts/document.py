"""The transcript as data, piece by piece: its head and its entries as maps, for every format that carries the proof. Writes no file.

docs/transcript-json.md and static/schemas/transcript-1.json say what stands where; neither loses a field as long as the version stays.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.conf import settings

from chat.ledger.event import SENTENCE
from chat.ledger.seal import Row
from chat.transcripts.disclosure import ground
from chat.transcripts.transcript import Transcript

FORMAT = "throughline-transcript"
VERSION = 1
SCHEMA = "/static/schemas/transcript-1.json"
HOW_TO_CHECK = [
    "field digest = SHA-256('throughline/1/field' NUL salt value), salt in octets, value as the text in `fields`",
    "body digest = SHA-256('throughline/1/body' NUL digests), `digests` as the text of each entry",
    "seal = SHA-256('throughline/1/seal' NUL header body-digest), `header` as the text of each entry",
    "`prev` in each header is the seal of the entry before; the first has 64 zeros",
]
_ACTING = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


def head(transcript: Transcript, *, form: str = FORMAT) -> dict[str, Any]:
    """All but the entries. Nothing in it but `seal` is sealed itself; `proof` holds a signature over it."""
    state = transcript.state
    return {
        "format": form,
        "version": VERSION,
        "schema": settings.PUBLIC_URL + SCHEMA,
        "conversation": str(transcript.conversation),
        "case_number": transcript.case_number,
        "site": transcript.site_name,
        "subject": state.subject,
        "customer": state.customer.name,
        "status": transcript.status,
        "zone": transcript.clock.zone,
        "made_at": transcript.made_at,
        "made_for": transcript.made_for,
        "audience": transcript.audience.value,
        "upto": transcript.upto,
        "seal": transcript.seal,
        "proof": {"note": transcript.note, "keys": list(transcript.keys)},
        "summary": _summary(transcript),
        "how_to_check": HOW_TO_CHECK,
    }


def entry(row: Row, transcript: Transcript) -> dict[str, Any]:
    """One stored event: whole, or, if this audience may not read it, with the ground, header and digests only."""
    proof = {"header": row.header.decode(), "digests": row.digests.decode(), "seal": row.seal.hex()}
    why = ground(row, transcript.audience)
    if why:
        return {"position": row.position, "at": row.at, "left_out": why, **proof}
    values = {name: orjson.loads(pair[1]) for name, pair in row.fields.items() if pair is not None}
    return {
        "position": row.position,
        "at": row.at,
        "time": transcript.clock.iso(row.at),
        "kind": row.kind,
        "kind_version": row.kind_version,
        "actor": row.actor,
        "channel": row.channel,
        "audience": row.audience,
        "sentence": values.pop(SENTENCE, "This entry is crossed out."),
        "body": values,
        "crossed_out": sorted(name for name, pair in row.fields.items() if pair is None and name != SENTENCE),
        "fields": {name: None if pair is None else {"salt": pair[0].hex(), "value": pair[1].decode()} for name, pair in row.fields.items()},
        **proof,
    }


def encoded(value: dict[str, Any], *, indented: bool = False) -> bytes:
    """JSON in which every character that acts on a screen is escaped, so that the file can be looked at in a terminal."""
    octets = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indented else None)
    return _ACTING.sub(_escaped, octets) if _ACTING.search(octets) else octets


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())


def _summary(transcript: Transcript) -> dict[str, Any]:
    state, whole = transcript.state, transcript.summary
    return {
        "opened_at": transcript.first_at,
        "last_at": transcript.last_at,
        "participants": [state.customer.name, *whole.speakers],
        "channels": list(whole.channels),
        "outcome": state.outcome,
        "promises": [
            {"position": promise.position, "text": promise.text, "due": promise.due, "by": promise.by, "state": promise.state}
            for promise in state.commitments
        ],
        "decision": {"position": state.decision, "text": state.decision_text} if state.decision else None,
        "first_answer_seconds": whole.first_answer,
        "longest_wait_seconds": whole.longest_wait,
        "waiting_since": state.waiting_since or None,
        "kept_until": transcript.kept_until or None,
    }
