"""Columns as PostgreSQL's binary arrays, each made in one go: psycopg would look for a dumper for every single element.

The form is that of `array_send` (PostgreSQL, src/backend/utils/adt/arrayfuncs.c): dimensions, nulls, element type, length, lower bound,
then each element behind its length. No element is None. Knows no table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from psycopg import postgres
from psycopg.adapt import Dumper
from psycopg.pq import Format

_length = struct.Struct("!i").pack


class Column(list[Any]):
    """A list that goes as an array of one type."""


class Bigints(Column):
    pass


class Texts(Column):
    pass


class Octets(Column):
    pass


class Booleans(Column):
    pass


def _integers(values: Sequence[int]) -> bytes:
    return struct.pack("!" + "iq" * len(values), *[part for value in values for part in (8, value)])


def _texts(values: Sequence[str]) -> bytes:
    return _octets([value.encode() for value in values])


def _octets(values: Sequence[bytes]) -> bytes:
    return b"".join([part for value in values for part in (_length(len(value)), value)])


def _booleans(values: Sequence[bool]) -> bytes:
    return _octets([b"\1" if value else b"\0" for value in values])


class _Dumper(Dumper):
    format = Format.BINARY
    element: ClassVar[int]
    elements: ClassVar[Callable[[Any], bytes]]

    def dump(self, obj: Column) -> bytes:
        return struct.pack("!iiIii", 1, 0, self.element, len(obj), 1) + type(self).elements(obj)


def _dumper(name: str, elements: Callable[[Any], bytes]) -> type[_Dumper]:
    kind = postgres.types[name]
    return type(f"{name}Dumper", (_Dumper,), {"oid": kind.array_oid, "element": kind.oid, "elements": staticmethod(elements)})


DUMPERS = {
    Bigints: _dumper("int8", _integers),
    Texts: _dumper("text", _texts),
    Octets: _dumper("bytea", _octets),
    Booleans: _dumper("bool", _booleans),
}
"""For `adapters.register_dumper`."""
COLUMNS: dict[str, type[Column]] = {"bigint": Bigints, "integer": Bigints, "text": Texts, "bytea": Octets, "boolean": Booleans}
"""By the SQL type of an element; an integer is cast by the statement."""
