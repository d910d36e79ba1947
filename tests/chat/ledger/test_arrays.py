"""Our arrays are those that psycopg makes, octet for octet."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.adapt import PyFormat, Transformer

from chat.ledger.arrays import DUMPERS, Bigints, Booleans, Column, Octets, Texts


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Bigints, [2**62, -(2**62), 2**40]),
        (Texts, ["Nadia", "", "Grüße 🛋", 'a "quoted" {brace}, NULL']),
        (Octets, [b"", bytes(range(256))]),
        (Booleans, [True, False, True]),
    ],
)
def test_an_array_is_what_psycopg_would_have_sent(kind: type[Column], values: list[Any]) -> None:
    theirs = Transformer()
    [expected] = theirs.dump_sequence([values], [PyFormat.BINARY])
    ours = DUMPERS[kind](kind)
    assert bytes(ours.dump(kind(values))) == bytes(expected or b"")
    assert ours.oid == theirs.types[0]  # type: ignore[index]  # filled by the line above


def test_a_number_that_no_column_takes_is_an_error_here() -> None:
    with pytest.raises(Exception, match="int"):
        DUMPERS[Bigints](Bigints).dump(Bigints([2**70]))
