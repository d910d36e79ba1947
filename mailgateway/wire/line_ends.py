"""What becomes of a bare CR or LF in a mail on its way in: a line end like any other, or a reason to refuse. Knows no wire.

No setting lets one of them end a mail: that is <CRLF>.<CRLF> alone (mailgateway.wire.data_reader), so nothing can be smuggled in behind it.
"""

from __future__ import annotations

import re

# Who ends lines with a bare LF doubles the dots behind it (Python's smtplib does); a single one was not doubled, and stays.
_DOUBLED = re.compile(rb"(?<!\r)\n\.\.")
# "\r\r\n" is one line end: some programs write text files twice through a translation, and two would cut the header off.
_ANY = re.compile(rb"\r+\n|\r|\n")
_ALONE = re.compile(rb"\r(?!\n)")
NORMALISE, REFUSE = "normalise", "refuse"


class LineEnds:
    """Of one mail, piece by piece. The text of a mail ends in CRLF, so that nothing is held back at its end."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._held = b""
        self.refused = False
        """Whether there was a bare one, and the policy is to refuse that."""

    def even(self, piece: bytes) -> bytes:
        """The piece with CRLF at the end of every line."""
        if self._held:
            piece, self._held = self._held + piece, b""
        if open_ := _open(piece):
            piece, self._held = piece[:-open_], piece[-open_:]
        if not _uneven(piece):
            return piece
        if self._policy == REFUSE:
            self.refused = True
            return piece
        return _ANY.sub(b"\r\n", _DOUBLED.sub(b"\n.", piece))


def _open(piece: bytes) -> int:
    """How many octets at the end say only with what follows what they are."""
    if piece.endswith(b"\r"):
        return len(piece) - len(piece.rstrip(b"\r"))
    if piece.endswith(b"\n") and not piece.endswith(b"\r\n"):
        return 1
    return 2 if piece.endswith(b"\n.") and not piece.endswith(b"\r\n.") else 0


def _uneven(piece: bytes) -> bool:
    # As many of the one as of the other, and no CR alone: then no LF is alone either. Cheaper than counting pairs.
    return piece.count(b"\n") != piece.count(b"\r") or _ALONE.search(piece) is not None
