"""Encodings undone, as far as they go."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.reading import transfer


@pytest.mark.parametrize(
    ("raw", "encoding", "octets"),
    [
        (b"TGFt\r\ncA==\r\n", "base64", b"Lamp"),
        (b"TGFtcA", "BASE64 ; x", b"Lamp"),
        (b"TGF*t c-A==", "base64", b"Lamp"),
        (b"TGE=bXA=", "base64", b"Lamp"),
        (b"L=61mp=\r\n!", "quoted-printable", b"Lamp!"),
        (b"Lamp= \t\r\n=\r\n!", "Quoted-Printable", b"Lamp= \t\n!"),
        (b"Lamp= \n!", "quoted-printable", b"Lamp!"),
        (b"100%=, =ZZ", "quoted-printable", b"100%=, =ZZ"),
        (b"begin 644 a\n$3&%M<```\n`\nend\n", "x-uuencode", b"Lamp"),
        (b"no begin", "uuencode", b"no begin"),
        (b"Lamp", "nonsense", b"Lamp"),
    ],
)
def test_what_can_be_read_is_read(raw: bytes, encoding: str, octets: bytes) -> None:
    assert transfer.decoded(raw, encoding).replace(b"\r\n", b"\n") == octets


@given(st.binary(max_size=300), st.integers(1, 90))
def test_base64_comes_back_however_it_is_broken_into_lines(octets: bytes, width: int) -> None:
    written = base64.b64encode(octets)
    lines = b"\r\n".join(written[at : at + width] for at in range(0, len(written), width))
    assert transfer.unbase64(lines) == octets


def test_pieces_over_the_size_of_a_chunk_come_out_whole() -> None:
    octets = bytes(range(256)) * 10_000
    assert transfer.unbase64(base64.encodebytes(octets)) == octets
