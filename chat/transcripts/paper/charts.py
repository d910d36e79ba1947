"""Which characters a font file has: its `cmap` table, read as the OpenType specification lays it out. Knows no text and draws nothing."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

_LARGEST = 4 * 1024 * 1024
"""Octets of a table that are read."""
_WHOLE, _FIRST_PLANE = ((3, 10), (0, 6), (0, 4)), ((3, 1), (0, 3))
"""Platform and encoding of the tables that name all of Unicode, and of those that name its first plane."""


def has(path: Path, index: int, wanted: Iterable[int]) -> set[int]:
    """Those of the characters that the font has; none if the file cannot be read. `index` counts the fonts of a collection."""
    try:
        with path.open("rb") as file:
            table = _table(file, index)
        for place in _subtables(table):
            layout = struct.unpack_from(">H", table, place)[0]
            if layout in (4, 12):
                return set((_in_groups if layout == 12 else _in_segments)(table, place, set(wanted)))
    except (OSError, struct.error, IndexError):
        pass
    return set()


def _table(file: BinaryIO, index: int) -> bytes:
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * index)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H6x", file.read(8))
    for tag, _, offset, length in struct.iter_unpack(">4sIII", file.read(16 * count)):
        if tag == b"cmap":
            file.seek(offset)
            return file.read(min(length, _LARGEST))
    raise IndexError("no cmap")


def _subtables(table: bytes) -> Iterator[int]:
    (count,) = struct.unpack_from(">2xH", table)
    found = {(platform, encoding): place for platform, encoding, place in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])}
    yield from (found[key] for key in (*_WHOLE, *_FIRST_PLANE) if key in found)


def _in_groups(table: bytes, place: int, wanted: set[int]) -> Iterator[int]:
    (count,) = struct.unpack_from(">12xI", table, place)
    groups = list(struct.iter_unpack(">III", table[place + 16 : place + 16 + 12 * count]))
    starts = [start for start, _, _ in groups]
    for point in wanted:
        at = bisect_right(starts, point) - 1
        if at >= 0 and point <= groups[at][1] and groups[at][2] + point - groups[at][0]:
            yield point


def _in_segments(table: bytes, place: int, wanted: set[int]) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">6xH", table, place)
    count = doubled // 2
    ends, starts, deltas, ranges = (
        struct.unpack_from(f">{count}H", table, place + 14 + doubled * part + (2 if part else 0)) for part in range(4)
    )
    for point in wanted:
        at = bisect_right(starts, point) - 1
        if point > 0xFFFF or at < 0 or point > ends[at]:
            continue
        if ranges[at]:
            where = place + 16 + doubled * 3 + 2 * at + ranges[at] + 2 * (point - starts[at])
            (glyph,) = struct.unpack_from(">H", table, where)
        else:
            glyph = (point + deltas[at]) & 0xFFFF
        if glyph:
            yield point
