"""Pieces of a file that are made on the way and stand at its end: kept aside in bounded memory, then given out. Knows no format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

_HELD = 1024 * 1024
"""Octets that stay in memory; more go to a file that vanishes with its reader."""
_PIECE = 64 * 1024


class Later:
    """A context in which pieces are put aside; when it ends they are gone."""

    def __init__(self) -> None:
        self._kept = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115  # closed with this object
        self.empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._kept.close()

    def put(self, piece: bytes) -> None:
        self.empty = False
        self._kept.write(piece)

    def pieces(self) -> Iterator[bytes]:
        """All that was put aside, in order."""
        self._kept.seek(0)
        while piece := self._kept.read(_PIECE):
            yield piece
