"""The link that stands in a mail: it opens the conversation, live and with its record, for this addressee and this conversation alone."""

from __future__ import annotations

from django.conf import settings

from chat.people import links


def link_for(conversation: int, ref: str, *, keep_days: int, mail: str) -> str:
    """The address of a link made for the mail with this Message-ID: the same one at every attempt."""
    return f"{settings.PUBLIC_URL}{links.issue(conversation, ref, keep_days=keep_days, name=mail).path}"
