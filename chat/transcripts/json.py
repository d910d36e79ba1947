"""The transcript as JSON, with everything that is needed to check the seals without us (docs/transcript-json.md). Knows no page.

Entries that this reader may not read stand there with header and digests only, so that the chain has no gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from chat.ledger.event import SENTENCE, Audience
from chat.ledger.seal import Row
from chat.transcripts.transcript import Format, Transcript, register_format

FORMAT = "throughline-transcript"
VERSION = 1


@register_format
class Json(Format):
    name = "json"
    label = "Data"
    media_type = "application/json"
    extension = "json"
    icon = "code"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        head = orjson.dumps(_head(transcript), option=orjson.OPT_INDENT_2)
        yield head.rstrip(b"}\n") + b',\n  "entries": ['
        between = b"\n"
        for row in transcript.rows():
            yield between + orjson.dumps(_entry(row, transcript))
            between = b",\n"
        yield b"\n  ]\n}\n"


def _head(transcript: Transcript) -> dict[str, Any]:
    state = transcript.state
    return {
        "format": FORMAT,
        "version": VERSION,
        "conversation": str(transcript.conversation),
        "case_number": transcript.case_number,
        "site": transcript.site_name,
        "subject": state.subject,
        "customer": state.customer.name,
        "status": state.told_status if transcript.audience is Audience.EVERYONE else state.status,
        "zone": transcript.clock.zone,
        "made_at": transcript.made_at,
        "made_for": transcript.made_for,
        "audience": transcript.audience.value,
        "upto": transcript.upto,
        "seal": transcript.seal,
        "how_to_check": [
            "field digest = SHA-256('throughline/1/field' NUL salt value), salt in octets, value as the text in `fields`",
            "body digest = SHA-256('throughline/1/body' NUL digests), `digests` as the text of each entry",
            "seal = SHA-256('throughline/1/seal' NUL header body-digest), `header` as the text of each entry",
            "`prev` in each header is the seal of the entry before; the first has 64 zeros",
        ],
    }


def _entry(row: Row, transcript: Transcript) -> dict[str, Any]:
    proof = {"header": row.header.decode(), "digests": row.digests.decode(), "seal": row.seal.hex()}
    if transcript.audience is Audience.EVERYONE and row.audience != Audience.EVERYONE:
        return {"position": row.position, "at": row.at, "left_out": "for the team only", **proof}
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
