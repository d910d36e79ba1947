"""How an entry reads on paper and on the record page: its kind's reading, made harmless, with the channel in words. Knows no format."""

from __future__ import annotations

from msgspec.structs import replace

from chat.ledger.event import AttachmentRef
from chat.ledger.read import Entry
from chat.transcripts import wording_course, wording_keeping, wording_record, wording_said
from chat.transcripts.clock import Clock
from chat.transcripts.plain import inline, visible
from chat.transcripts.reading import Reading, read

__all__ = ["CHANNELS", "Reading", "reading"]

FAMILIES = (wording_said, wording_course, wording_record, wording_keeping)
"""Who registers the readings."""
CHANNELS = {"widget": "in chat", "email": "by e-mail", "phone": "by phone"}
"""Channels in a reader's words; an agent's own room and the system are not worth a word."""
LINES = {"email": "mail", "phone": "call"}
"""Which style of line an entry hangs on; the chat's is the plain one."""


def reading(entry: Entry, clock: Clock) -> Reading:
    """The entry in words, in the clock's language and zone. Nothing in it acts; markup in it is text that a format must escape."""
    found = read(entry.body, clock)
    way = CHANNELS.get(entry.channel, "")
    return replace(
        found,
        title=inline(found.title) or clock.say("Somebody"),
        said=visible(found.said),
        facts=_labelled(found.facts),
        folded=_labelled(found.folded),
        files=tuple(_file(file) for file in found.files),
        steps=tuple(visible(step) for step in found.steps),
        way=clock.say(way) if way else "",
        line="bot" if entry.actor.startswith("bot:") else LINES.get(entry.channel, ""),
        crossed_out=tuple(clock.part(name) for name in entry.crossed_out),
    )


def _labelled(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((inline(label), visible(value)) for label, value in pairs)


def _file(file: AttachmentRef) -> AttachmentRef:
    name, media_type = inline(file.name), inline(file.media_type)
    if (name, media_type) == (file.name, file.media_type):
        return file
    return AttachmentRef(name=name, media_type=media_type, size=file.size, digest=file.digest)
