"""The full record: one zip with every format, the files, the log and the proof of one conversation (docs/full-record.md)."""

from __future__ import annotations

from collections.abc import Iterator

from chat.transcripts.record import record
from chat.transcripts.transcript import Format, Transcript, register_format
from chat.transcripts.zipped import Zip


@register_format
class FullRecord(Format):
    name = "full-record"
    label = "Full record"
    media_type = "application/zip"
    extension = "zip"
    icon = "archive"
    stem = "full-record"
    in_record = ""
    heavy = archive = True

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        archive = Zip(transcript.made_at)
        yield from record(archive, transcript)
        yield from archive.end()
