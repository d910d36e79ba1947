"""A zip file as a stream (APPNOTE.TXT 6.3.10): each member is measured before its header is written, so that there are no gaps, no data
descriptors and no seeking back, and one that fails leaves no trace. Memory stays bounded. Knows nothing of what is in the members.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

CHUNK = 256 * 1024
IN_MEMORY = 256 * 1024
"""Octets of one member, packed, that are held before they go to disk."""
_STORED, _DEFLATED = 0, 8
_UTF8 = 0x0800
_FULL = 0xFFFFFFFF
_FEW, _MANY = 20, 45
"""Version needed to extract: 2.0, and 4.5 with sizes of 64 bits."""
_UNIX_FILE = 0o100644 << 16


class Changed(OSError):
    """A file was altered or cut between its measuring and its writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The content of one member, ready to be written: where its octets are, and what stands in its header."""

    file: IO[bytes]
    method: int
    crc: int
    size: int
    packed: int
    sha256: str


def packed(pieces: Iterable[bytes], folder: Path | None = None) -> Measured:
    """Content that is made now: deflated, in memory or in a nameless file in `folder`. What the pieces raise, this raises."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder) if folder else None)  # noqa: SIM115  # closed by `Zip.add`
    try:
        deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in pieces:
            digest.update(piece)
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            file.write(deflate.compress(piece))
        file.write(deflate.flush())
        return Measured(file=file, method=_DEFLATED, crc=crc, size=size, packed=file.tell(), sha256=digest.hexdigest())
    except BaseException:
        file.close()
        raise


def stored(open_file: Callable[[], BinaryIO]) -> Measured:
    """A file as it is, read twice: for what is compressed already. Raises OSError."""
    file = open_file()
    try:
        digest, crc, size = hashlib.sha256(), 0, 0
        while piece := file.read(CHUNK):
            digest.update(piece)
            crc, size = zlib.crc32(piece, crc), size + len(piece)
        return Measured(file=file, method=_STORED, crc=crc, size=size, packed=size, sha256=digest.hexdigest())
    except BaseException:
        file.close()
        raise


class Zip:
    """Writes members one after the other; `end` closes the archive. All members have the time `made_at` (microseconds, UTC)."""

    def __init__(self, made_at: int) -> None:
        moment = datetime.fromtimestamp(max(made_at, 315_532_800_000_000) // 1_000_000, tz=UTC)  # the format's years begin in 1980
        self._time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
        self._date = min(moment.year - 1980, 127) << 9 | moment.month << 5 | moment.day
        self._offset = 0
        self._listed: list[bytes] = []

    def add(self, name: str, content: Measured, *, first: bool = False) -> Iterator[bytes]:
        """One member; its file is closed at the end. With `first` it is listed before all others, wherever it stands. Raises Changed."""
        with content.file as file:
            raw_name, begins = name.encode(), self._offset
            large = max(content.size, content.packed) >= _FULL
            sizes = struct.pack("<QQ", content.size, content.packed) if large else b""
            yield self._out(_local(self._middle(content, large), raw_name, _extra(sizes)) + raw_name + _extra(sizes))
            file.seek(0)
            left = content.packed
            while left:
                piece = file.read(min(CHUNK, left))
                if not piece:
                    raise Changed(f"{name} has {left} octets fewer than a moment ago.")
                left -= len(piece)
                yield self._out(piece)
            far = struct.pack("<Q", begins) if begins >= _FULL else b""
            entry = _central(self._middle(content, large), raw_name, _extra(sizes + far), min(begins, _FULL))
            self._listed.insert(0 if first else len(self._listed), entry + raw_name + _extra(sizes + far))

    def end(self) -> Iterator[bytes]:
        """The list of members, after which nothing may follow."""
        count, begins = len(self._listed), self._offset
        for entry in self._listed:
            yield self._out(entry)
        size = self._offset - begins
        if count >= 0xFFFF or begins >= _FULL or size >= _FULL:
            # Sections 4.3.14 and 4.3.15: the end of the list with 64 bits, and where that stands.
            yield struct.pack("<LQHHLLQQQQ", 0x06064B50, 44, _MANY, _MANY, 0, 0, count, count, size, begins)
            yield struct.pack("<LLQL", 0x07064B50, 0, self._offset, 1)
        shown = min(count, 0xFFFF)
        yield struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, shown, shown, min(size, _FULL), min(begins, _FULL), 0)

    def _middle(self, content: Measured, large: bool) -> bytes:
        """What the header before a member and its line in the list have in common."""
        size, packed_size = (_FULL, _FULL) if large else (content.size, content.packed)
        version = _MANY if large else _FEW
        return struct.pack("<HHHHHLLL", version, _UTF8, content.method, self._time, self._date, content.crc, packed_size, size)

    def _out(self, octets: bytes) -> bytes:
        self._offset += len(octets)
        return octets


def _local(middle: bytes, name: bytes, extra: bytes) -> bytes:
    return struct.pack("<L", 0x04034B50) + middle + struct.pack("<HH", len(name), len(extra))


def _central(middle: bytes, name: bytes, extra: bytes, begins: int) -> bytes:
    made_by = 3 << 8 | _MANY
    lengths = struct.pack("<HHHHHLL", len(name), len(extra), 0, 0, 0, _UNIX_FILE, begins)
    return struct.pack("<LH", 0x02014B50, made_by) + middle + lengths


def _extra(numbers: bytes) -> bytes:
    """Section 4.5.3: what does not fit into 32 bits."""
    return struct.pack("<HH", 1, len(numbers)) + numbers if numbers else b""
