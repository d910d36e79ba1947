"""The mails of a conversation as octets: those that came and those that left, in order, as far as this reader may have them.

What is kept is without the secrets of links. Knows no mail format: a mail is a blob that an entry names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chat.ledger import blobs
from chat.ledger.read import Entry
from chat.transcripts.transcript import Transcript

CROSSED_OUT = "It is crossed out for privacy. Its digest stays sealed."
NOT_KEPT = "There was no room to keep it when it was sent."
NOT_IN_STORE = "Its content is not in the store of files any more."
_FIELD = "original"


class MissingMail(Exception):
    """This mail cannot be had; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. `missing` says why it cannot be had, as far as that is known without looking for it; empty if it should be there."""

    position: int
    direction: str
    """received | sent"""
    at: int
    """When it was taken in or sent, in microseconds."""
    of: int
    """The entry that was mailed; for a mail that came, the entry itself."""
    sender: str = ""
    """The address it came from, as far as it is known."""
    digest: str = ""
    missing: str = ""

    @property
    def name(self) -> str:
        return f"{self.position}-{self.direction}.eml"

    def open(self) -> BinaryIO:
        """The octets. Raises MissingMail."""
        if self.missing:
            raise MissingMail(self.missing)
        try:
            return blobs.open_blob(self.digest)
        except FileNotFoundError:
            raise MissingMail(NOT_IN_STORE) from None


def mails(transcript: Transcript) -> Iterator[Mail]:
    """Every mail up to the transcript's position, those that are missing too."""
    for entry in transcript.entries():
        found = mail_of(entry)
        if found is not None:
            yield found


def mail_of(entry: Entry) -> Mail | None:
    """The mail that an entry names, of an entry as its reader may have it."""
    body = entry.body
    direction = str(getattr(body, "raw_mail", ""))
    if not direction:
        return None
    digest = str(getattr(body, _FIELD, "") or "")
    gone = _FIELD in entry.crossed_out
    if not digest and direction == "received" and not (gone and getattr(body, "found_by", True)):
        return None  # words that were written here, in the chat or to go out by mail
    return Mail(
        position=entry.position,
        direction=direction,
        at=entry.at,
        of=getattr(body, "of", entry.position),
        sender=str(getattr(body, "address", "")),
        digest=digest,
        missing="" if digest else CROSSED_OUT if gone else NOT_KEPT,
    )
