"""What becomes of a bare CR or LF in a mail on its way in: a line end like any other, or a reason to refuse. Knows no wire.

No setting lets one of them end a mail: that is <CRLF>.<CRLF> alone (mailgateway.data_reader), so nothing can be smuggled in behind it.
"""

from __future__ import annotations

import re

# "\r\r\n" is one line end: some programs write text files twice through a translation, and two would cut the header off.
_ANY = re.compile(rb"\r+\n|\r|\n")
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
        if piece.endswith(b"\r"):  # what follows says what it is
            whole = piece.rstrip(b"\r")
            piece, self._held = whole, piece[len(whole) :]
        if not _uneven(piece):
            return piece
        if self._policy == REFUSE:
            self.refused = True
            return piece
        return _ANY.sub(b"\r\n", piece)


def _uneven(piece: bytes) -> bool:
    return not piece.count(b"\n") == piece.count(b"\r") == piece.count(b"\r\n")
