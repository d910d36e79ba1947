"""One outgoing mail before it has a form: everything the text and HTML parts say, as plain values. Knows no ledger and no MIME."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.transcripts.clock import Clock
from mailgateway.quotes import MARKER_TOKEN, MARKERS
from mailgateway.sending.letter_words import say

_GREY = "#8a979c"
# Channel name in the ledger -> what a customer reads, and the colour of its line (green chat, blue mail, plum phone, grey machine).
_CHANNELS = {
    "widget": ("in chat", "#00695f"),
    "email": ("by e-mail", "#4d5fbe"),
    "phone": ("by phone", "#8a3f75"),
    "bot": ("assistant", _GREY),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said: by whom, when (microseconds since 1970 UTC), through which channel, and the names of its attachments."""

    who: str
    at: int
    channel: str
    text: str
    attachments: tuple[str, ...] = ()

    def through(self, language: str) -> str:
        words = _CHANNELS.get(self.channel, ("", _GREY))[0]
        return say(language, words) if words else ""

    @property
    def colour(self) -> str:
        return _CHANNELS.get(self.channel, ("", _GREY))[1]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """An open promise: what, until when (microseconds, 0 = no date), and whose hands it is in ("Promised by Alice on 21 Nov; ...")."""

    text: str
    due: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who looks after the customer now, and the reason as the customer reads it."""

    sentence: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LetterFile:
    """An attachment that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All of one mail. Leave `last`, links and files empty for an unconfirmed address: it gets the new lines only.

    automatic: "" for what a person wrote, else the Auto-Submitted word of RFC 3834 (auto-replied, auto-generated).
    marker: the localised line above which the answer is written; text_marker: the signed one from text_marker.py.
    """

    site: str
    signer: str
    customer: str
    to: str
    from_address: str
    reply_address: str
    message_id: str
    case_number: str
    subject: str
    """The customer's own; empty for an address that has not proved to be theirs: it may be a stranger's, who is to read none of it."""
    lines: tuple[Line, ...]
    opening: str = ""
    promises: tuple[PromiseLine, ...] = ()
    hand_over: HandOver | None = None
    last: tuple[Line, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    chat_link: str = ""
    record_link: str = ""
    not_me_link: str = ""
    kept_until: str = ""
    files: tuple[LetterFile, ...] = ()
    left: tuple[str, ...] = ()
    """Files that are named but do not go along: they stay behind the link."""
    marker: str = MARKERS["en"]
    text_marker: str = ""
    automatic: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    date: int = 0
    witness: Mapping[str, str] = field(default_factory=dict)
    """Header fields that say where the record stood, for whoever keeps the mail."""

    @property
    def shown_marker(self) -> str:
        """The marker's words without dashes."""
        return self.marker.strip("- ")

    @property
    def marker_line(self) -> str:
        """The first line of the text part; words of a site's own carry the token by which they are recognised again."""
        own = "" if self.marker in MARKERS.values() else f" {MARKER_TOKEN}"
        return f"-- {self.shown_marker} --{own}"

    @property
    def heads(self) -> bool:
        """Whether the lines are told apart by who, when and where; one line in the signer's own name needs none of it."""
        return len(self.lines) > 1 or any(line.who != self.signer for line in self.lines)

    def day(self, at: int) -> str:
        """ "Fri 27 Nov 2026" in the customer's time zone."""
        return self._clock.date(at)

    def moment(self, at: int) -> str:
        """ "Sat 21 Nov 10:47" in the customer's time zone."""
        clock = self._clock
        return f"{clock.date(at).rpartition(' ')[0]} {clock.at(at):%H:%M}"

    def heading(self, line: Line) -> str:
        """ "Alice, Sat 21 Nov 10:47, in chat"."""
        return ", ".join(part for part in (one_line(line.who), self.moment(line.at), line.through(self.language)) if part)

    def say(self, text: str, /, **values: object) -> str:
        """Our words in the letter's language."""
        return say(self.language, text, **values)

    @property
    def _clock(self) -> Clock:
        return Clock(zone=self.time_zone, language=self.language)


def one_line(text: str) -> str:
    """Whitespace and control characters to single spaces: nothing that a header or a heading could be broken with."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
