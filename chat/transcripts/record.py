"""What a full record holds and in which order, written into a zip: what cannot be had is told in its manifest and never stops the rest.

Asks the registry for the formats; knows no page and none of the formats.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import BinaryIO

import orjson
import structlog
from django.conf import settings
from django.db import DatabaseError

from chat.ledger import blobs
from chat.people import signing_keys
from chat.transcripts import checkpoint, proof, readme
from chat.transcripts.mails import CROSSED_OUT, NOT_IN_STORE, NOT_KEPT
from chat.transcripts.survey import TEAMS_OWN, File, Survey
from chat.transcripts.transcript import CannotWrite, Format, Transcript, formats
from chat.transcripts.zipped import CHUNK, Measured, Zip, packed, stored

FORMAT, VERSION = "throughline-full-record", 1
NOT_AS_SEALED = "Its content in the store is not the one that was sealed, so it was left out."
FAILED = "It could not be made. The log of the server says why."
REASONS = {"store": NOT_IN_STORE, "sealed": NOT_AS_SEALED, "failed": FAILED, "team": TEAMS_OWN, "crossed": CROSSED_OUT, "kept": NOT_KEPT}
"""Why something is not in a record, in words that README.txt says in the reader's language."""
_SHRINKS = ("text/", "application/json", "application/xml", "message/", "image/svg", "image/bmp")
"""Beginnings of media types that are worth packing; the rest is compressed already."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
log = structlog.get_logger()


def record(archive: Zip, transcript: Transcript, *, folder: str = "") -> Iterator[bytes]:
    """The members of one full record, each under `folder` (empty, or a name with a slash behind). Raises OSError if the disk is full."""
    yield from _Record(archive, transcript, folder).written()


class _Record:
    def __init__(self, archive: Zip, transcript: Transcript, folder: str) -> None:
        self._archive, self._transcript, self._folder = archive, transcript, folder
        self._files: list[dict[str, object]] = []
        self._spool = Path(settings.DATA) / "prepared"
        self._spool.mkdir(parents=True, exist_ok=True)

    def written(self) -> Iterator[bytes]:
        transcript, survey = self._transcript, Survey(self._transcript)
        for name, format_ in _members_of(formats().values()):
            yield from self._put(name, partial(self._packed, partial(format_.write, transcript)))
        what_was_done = self._tried("log.txt", partial(self._packed, survey.log))
        for file in (*survey.mails, *survey.files):
            yield from self._put(file.path, partial(self._blob, file))
        yield from self._put("metadata.json", self._made(lambda: _indented(readme.metadata(transcript, survey))))
        yield from self._added("log.txt", what_was_done)
        for name, make in {**_PROOF, **_checkpoint(transcript)}.items():
            yield from self._put(name, self._made(partial(make, transcript)))
        yield from self._put("README.txt", self._made(lambda: readme.words(transcript, survey, self._files)), first=True)
        yield from self._put("manifest.json", self._made(self._manifest))

    def _put(self, name: str, make: Callable[[], Measured], *, first: bool = False) -> Iterator[bytes]:
        yield from self._added(name, self._tried(name, make), first=first)

    def _tried(self, name: str, make: Callable[[], Measured]) -> Measured | None:
        try:
            return make()
        except CannotWrite as refused:
            self._files.append({"name": name, "missing": str(refused)})
        except DatabaseError:
            raise  # the store is away: a record without its conversation would be none
        except Exception as problem:
            if isinstance(problem, OSError) and problem.errno in _NO_ROOM:
                raise
            log.exception("record_without", part=name, conversation=self._transcript.conversation)
            self._files.append({"name": name, "missing": FAILED})
        return None

    def _added(self, name: str, content: Measured | None, *, first: bool = False) -> Iterator[bytes]:
        if content is not None:
            self._files.append({"name": name, "size": content.size, "sha256": content.sha256})
            yield from self._archive.add(self._folder + name, content, first=first)

    def _packed(self, pieces: Callable[[], Iterator[bytes]]) -> Measured:
        return packed(pieces(), self._spool)

    def _made(self, whole: Callable[[], bytes]) -> Callable[[], Measured]:
        return lambda: packed([whole()], self._spool)

    def _blob(self, file: File) -> Measured:
        if file.missing:
            raise CannotWrite(file.missing)
        open_blob = partial(blobs.open_blob, file.digest)
        try:
            content = self._packed(partial(_read, open_blob)) if file.media_type.startswith(_SHRINKS) else stored(open_blob)
        except FileNotFoundError:
            raise CannotWrite(NOT_IN_STORE) from None
        if content.sha256 != file.digest:
            content.file.close()
            log.error("blob_changed", digest=file.digest)
            raise CannotWrite(NOT_AS_SEALED)
        return content

    def _manifest(self) -> bytes:
        told = self._transcript
        return _indented(
            {
                "format": FORMAT,
                "version": VERSION,
                "conversation": str(told.conversation),
                "case_number": told.case_number,
                "audience": told.audience.value,
                "upto": told.upto,
                "seal": told.seal,
                "made_at": told.made_at,
                "files": self._files,
            }
        )


def _members_of(every: Iterable[Format]) -> list[tuple[str, Format]]:
    """The formats under the names they have in the record, the transcripts first."""
    found: dict[str, Format] = {}
    for format_ in every:
        name = f"transcript.{format_.extension}" if format_.in_record is None else format_.in_record
        if name in found:  # two formats may share an extension
            name = f"transcript-{format_.name}.{format_.extension}"
        if name:
            found[name] = format_
    return sorted(found.items(), key=lambda pair: (not pair[0].startswith("transcript"), pair[0]))


def _read(open_file: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with open_file() as file:
        while piece := file.read(CHUNK):
            yield piece


def _head_note(transcript: Transcript) -> bytes:
    return proof.head_note(transcript.conversation, transcript.upto, bytes.fromhex(transcript.seal)).encode()


def _keys(transcript: Transcript) -> bytes:
    return _indented({"origin": signing_keys.origin(), "keys": [asdict(key) for key in signing_keys.public_keys()]})


def _verifier(transcript: Transcript) -> bytes:
    return Path(__file__).with_name("verifier.py").read_bytes()


def _checkpoint(transcript: Transcript) -> dict[str, Callable[[Transcript], bytes]]:
    """The newest daily checkpoint in which this conversation stands, and the proof that it does; none in the first day."""
    found = checkpoint.included(transcript.conversation, upto=transcript.upto)
    if found is None:
        return {}
    return {"proof/checkpoint.note": lambda _: found.note.encode(), "proof/checkpoint.tlog-proof": lambda _: found.proof().encode()}


def _indented(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


_PROOF: dict[str, Callable[[Transcript], bytes]] = {
    "proof/head.note": _head_note,
    "proof/keys.json": _keys,
    "proof/verify.py": _verifier,
}
