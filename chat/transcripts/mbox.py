"""The mails of a conversation as a mailbox: first a message with the conversation as text, then each mail as it came or was sent.

RFC 4155, with lines that begin with "From " quoted so that they can be restored (the form called mboxrd). Knows no blob and no page.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from chat.people.signing_keys import origin
from chat.transcripts import mailed
from chat.transcripts.clock import SECOND
from chat.transcripts.mails import mails
from chat.transcripts.transcript import Format, Transcript, register_format

_PIECE = 64 * 1024
_QUOTED = re.compile(rb">*From ")
_ADDRESS = re.compile(r"[!-~]{1,200}@[!-~]{1,200}\Z")


@register_format
class Mbox(Format):
    name = "mbox"
    label = "Mailbox"
    media_type = "application/mbox"
    extension = "mbox"
    icon = "mail"
    stem = "mails"
    in_record = "mails.mbox"

    def write(self, transcript: Transcript) -> Iterator[bytes]:
        yield _from("", transcript.made_at)
        yield mailed.head(transcript, "text/plain; charset=utf-8", "8bit").replace(b"\r\n", b"\n") + b"\n"
        yield from _Body().lines(mailed.text(transcript))
        for mail in mails(transcript):
            yield _from(mail.sender, mail.at)
            yield from _Body().lines(mailed.octets(transcript, mail))


class _Body:
    """A message on its way into the box: line ends are those of the box, lines that look like a separator are quoted."""

    def __init__(self) -> None:
        self._at_start = True
        self._held = b""

    def lines(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield self._quoted(piece)
        # The last line may have no end; a blank one stands before the next separator.
        yield self._rest() + (b"\n" if self._at_start else b"\n\n")

    def _quoted(self, piece: bytes) -> bytes:
        rows = (self._held + piece).replace(b"\r\n", b"\n").split(b"\n")
        # The last one goes on in the next piece. Only a very long line is let go before its end.
        self._held = rows.pop()
        out = [self._row(row) + b"\n" for row in rows]
        if len(self._held) > _PIECE:
            out.append(self._begun())
        return b"".join(out)

    def _row(self, row: bytes) -> bytes:
        quote = self._at_start and _QUOTED.match(row)
        self._at_start = True
        return b">" + row if quote else row

    def _begun(self) -> bytes:
        # A carriage return at the cut may belong to the line's end.
        cut = len(self._held) - self._held.endswith(b"\r")
        row, self._held = self._held[:cut], self._held[cut:]
        row = self._row(row)
        self._at_start = False
        return row

    def _rest(self) -> bytes:
        row = self._row(self._held) if self._held else b""
        self._at_start = self._at_start and not row
        return row


def _from(sender: str, at: int) -> bytes:
    """The separator: an address and a time in UTC (RFC 4155, appendix A)."""
    address = sender if _ADDRESS.match(sender) else f"transcript@{origin()}"
    return f"From {address} {time.asctime(time.gmtime(at // SECOND))}\n".encode()
