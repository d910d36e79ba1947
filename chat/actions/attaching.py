"""Files that a form names: uploads of this person become attachments of the event."""

from __future__ import annotations

from collections.abc import Sequence

from chat.actions.access import Who
from chat.actions.action import BadForm
from chat.ledger.event import AttachmentRef
from chat.people.models import Upload

MOST = 10
"""Attachments of one message at most."""


def attached(who: Who, uploads: Sequence[str]) -> tuple[AttachmentRef, ...]:
    """The attachments for upload ids. Raises BadForm for one that is not theirs, unknown or too many."""
    if not uploads:
        return ()
    if len(uploads) > MOST:
        raise BadForm(f"At most {MOST} files go with one message.", field="attachments")
    owners = {who.owner, who.ref} - {""}
    found = {u.secret: u for u in Upload.objects.filter(secret__in=list(uploads), owner__in=owners)}
    if len(found) != len(set(uploads)):
        raise BadForm("A file is not there any more. Attach it again.", field="attachments")
    return tuple(
        AttachmentRef(name=found[u].name, media_type=found[u].media_type, size=found[u].size, digest=found[u].digest) for u in uploads
    )
