"""The transcript as JSON Lines: the head, one entry a line, and a line that says it is whole. For programs that read line by line."""

from __future__ import annotations

from collections.abc import Iterator

from chat.transcripts.document import FORMAT, encoded, entry, head
from chat.transcripts.transcript import Format, Transcript, register_format


@register_format
class JsonLines(Format):
    name = "jsonl"
    label = "Data, line by line"
    media_type = "application/jsonl"
    extension = "jsonl"
    icon = "code"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield encoded(head(transcript, form=f"{FORMAT}-lines")) + b"\n"
        for row in transcript.rows():
            yield encoded(entry(row, transcript)) + b"\n"
        yield encoded({"end": True, "upto": transcript.upto, "seal": transcript.seal}) + b"\n"
