"""Files that were sent and wait to be named by an event: what they are called, what they seem to be, and whose they are. Knows no page."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from chat.people.models import Upload

LARGEST = 25 * 1024 * 1024
"""Octets of one file."""
LASTS = timedelta(days=1)
"""How long an upload waits for the event that names it."""
NAME_LENGTH = 120
UNKNOWN = "application/octet-stream"

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}\Z")
HARMLESS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"})
"""Types under which a file may be served; anything else goes out as unknown octets."""


def kept(*, owner: str, name: str, declared: str, beginning: bytes, size: int, digest: str) -> Upload:
    """Note an upload whose blob is durable. `owner` alone may attach it, by its secret."""
    return Upload.objects.create(
        secret=secrets.token_urlsafe(24),
        owner=owner,
        name=clean_name(name),
        media_type=media_type(declared, beginning),
        size=size,
        digest=digest,
    )


def referring(digests: set[str]) -> set[str]:
    """Which of these blobs are uploads that may still be named by an event."""
    return set(Upload.objects.filter(digest__in=digests).values_list("digest", flat=True))


def named(secrets: Collection[str], owner: str) -> list[dict[str, str | int]]:
    """Those of these uploads that their owner may still attach: `secret`, `name`, `size`."""
    rows = {row.secret: row for row in Upload.objects.filter(secret__in=list(secrets)[:100], owner=owner)}
    return [{"secret": secret, "name": rows[secret].name, "size": rows[secret].size} for secret in secrets if secret in rows]


def drop(digests: Collection[str]) -> None:
    """Forget uploads of this content; whoever has not sent theirs yet is asked for it again."""
    Upload.objects.filter(digest__in=digests).delete()


def drop_old() -> set[str]:
    """Forget uploads after a day: they are named by an event by now, or never will be. Returns their digests."""
    old = Upload.objects.filter(created_at__lt=timezone.now() - LASTS)
    digests = set(old.values_list("digest", flat=True))
    old.delete()
    return digests


def clean_name(name: str) -> str:
    """A name for people: no folders, no control or direction characters, not too long, its ending kept."""
    bare = re.split(r"[\\/]", name)[-1]
    seen = "".join(c for c in unicodedata.normalize("NFC", bare) if unicodedata.category(c)[0] != "C").strip(" .")
    if len(seen) > NAME_LENGTH:
        stem, dot, ending = seen.rpartition(".")
        seen = f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else seen[:NAME_LENGTH]
    return seen or "file"


def media_type(declared: str, beginning: bytes) -> str:
    """What the first octets show, else what the sender says unless it claims to be a picture or a PDF that it is not."""
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    for sign, found in _SIGNS:
        if beginning.startswith(sign):
            # Office documents are zip files too: there the sender knows more.
            return found if found != "application/zip" or not declared.startswith("application/vnd.") else _shaped(declared)
    said = _shaped(declared)
    return UNKNOWN if said.startswith("image/") or said in ("application/pdf", "application/zip") else said


def _shaped(declared: str) -> str:
    plain = declared.partition(";")[0].strip().lower()
    return plain if _MEDIA_TYPE.match(plain) else UNKNOWN
