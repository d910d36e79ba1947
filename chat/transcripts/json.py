"""The transcript as one JSON object, with everything that is needed to check the seals without us (docs/transcript-json.md)."""

from __future__ import annotations

from collections.abc import Iterator

from chat.transcripts.document import encoded, entry, head
from chat.transcripts.transcript import Format, Transcript, register_format


@register_format
class Json(Format):
    name = "json"
    label = "Data"
    media_type = "application/json"
    extension = "json"
    icon = "code"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield encoded(head(transcript), indented=True).rstrip(b"}\n") + b',\n  "entries": ['
        between = b"\n"
        for row in transcript.rows():
            yield between + encoded(entry(row, transcript))
            between = b",\n"
        yield b"\n  ]\n}\n"
