"""Reads what follows DATA, in pieces as they come from the wire: finds the end, takes the dots off that were stuffed in, keeps every other
octet. Knows neither answers nor disks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

_LINE_END = b"\r\n"
_DOT = b"\r\n."
_END = b"\r\n.\r\n"
_ALL = 2**30
"""More than a stream ever holds: it pauses its transport at twice its limit, and one read of the socket brings 256 KiB."""


class TooMuch(Exception):
    """The mail has more octets than allowed."""


class LineTooLong(Exception):
    """One line has more octets than allowed, its end included."""


async def pieces(stream: asyncio.StreamReader, *, most: int, longest_line: int) -> AsyncIterator[bytes]:
    """The text of one mail. What the client sent after it stays in the stream.

    It ends with <CRLF>.<CRLF> and with nothing else (RFC 5321 section 4.1.1.4): who takes a bare line feed for a line end splits smuggled
    mail in two. Sizes count what is on the wire without the end. The pieces stop at a violation: TooMuch is raised after the end, when
    the client listens; LineTooLong at once, because such a line may have none. Raises ConnectionResetError when the client is gone
    before the end.
    """
    bounds = _Bounds(most, longest_line)
    held, begun = _LINE_END, False  # the end of the command line: a dot right behind it is the first of a line
    while True:
        came = await stream.read(_ALL)
        if not came:
            raise ConnectionResetError("The client went away in the middle of a mail.")
        data = held + came
        # Behind a line end a dot begins the end or was stuffed in; most of what comes has none, and one look is enough.
        dot = data.find(_DOT)
        at = data.find(_END, dot) if dot >= 0 else -1
        if at >= 0:
            # The stream is empty now: what goes back comes first again. Not by feed_data: it refuses once the client stopped talking.
            stream._buffer.extend(data[at + len(_END) :])  # type: ignore[attr-defined]  # a StreamReader cannot be given back to
            text, held = data[: at + len(_LINE_END)], b""
        else:
            open_ = _open(data)
            text, held = data[: len(data) - open_], data[len(data) - open_ :]
        if text and bounds.hold(text):
            plain = text.replace(_DOT, _LINE_END) if dot >= 0 else text
            piece = plain if begun else plain[len(_LINE_END) :]
            begun = True
            if piece:
                yield piece
        if at >= 0:
            break
    bounds.check()


def _open(data: bytes) -> int:
    """How many octets at the end may be the beginning of the end."""
    return next((length for length in range(len(_END) - 1, 0, -1) if data.endswith(_END[:length])), 0)


class _Bounds:
    """Counts what is on the wire; remembers that there is too much of it."""

    def __init__(self, most: int, longest_line: int) -> None:
        self._left = most + len(_LINE_END)
        self._longest = longest_line
        self._line = -len(_LINE_END)
        """Octets of the line that is not at its end yet; the line end in front of the first one is not part of the mail."""

    def hold(self, text: bytes) -> bool:
        """Whether all is well up to the end of `text`. Raises LineTooLong."""
        if self._long(text):
            raise LineTooLong
        if self._left >= 0:
            self._left -= len(text)
        return self._left >= 0

    def check(self) -> None:
        if self._left < 0:
            raise TooMuch

    def _long(self, text: bytes) -> bool:
        longest = 0
        start = 0
        # A line that begins and ends in a text shorter than the bound is short enough: only the first and the last need a look.
        # A bare line feed ends a line here: whole mails are written so, and none of them is one endless line.
        first = text.find(b"\n")
        if first >= 0:
            longest, start = self._line + first + 1, text.rfind(b"\n") + 1
            self._line = 0
            if len(text) > self._longest:
                longest = max(longest, *(len(line) + 1 for line in text[first + 1 : start].split(b"\n")))
        self._line += len(text) - start
        return max(longest, self._line) > self._longest
