"""Which files of an event go along with its mail, and which stay behind the link because they are too large. Reads blobs."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from chat.ledger import blobs
from chat.ledger.event import AttachmentRef
from mailgateway.sending.letter import LetterFile

MEGABYTE = 1_000_000


def files(attachments: Sequence[AttachmentRef]) -> tuple[tuple[LetterFile, ...], tuple[str, ...]]:
    """Those that go along, in their order, and the others by name and size. One that is crossed out is neither."""
    found, left, size = [], [], 0
    for file in attachments:
        if not file.digest:
            continue
        if size + file.size > settings.MAIL_FILES_MAX:
            left.append(f"{file.name} ({_size(file.size)})")
            continue
        size += file.size
        with blobs.open_blob(file.digest) as content:
            found.append(LetterFile(name=file.name, media_type=file.media_type, content=content.read()))
    return tuple(found), tuple(left)


def named(attachments: Sequence[AttachmentRef]) -> tuple[str, ...]:
    """All of them by name and size: none goes along."""
    return tuple(f"{file.name} ({_size(file.size)})" for file in attachments if file.digest)


def _size(octets: int) -> str:
    return f"{octets / MEGABYTE:.1f} MB" if octets >= MEGABYTE // 10 else f"{max(1, round(octets / 1000))} KB"
