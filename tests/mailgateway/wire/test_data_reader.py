"""What follows DATA is read as the library we build upon reads it, however it was cut on its way: same bytes, same end, same refusals."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailgateway.wire import data_reader
from mailgateway.wire.data_reader import LineTooLong, TooMuch

MOST, LINE = 120, 40
Read = tuple[str, bytes, bytes]
"""What became of it, the text, and what is left in the stream."""


class Theirs(SMTP):
    """The library's own reader, fed by hand: says what its handler got, or what it refused with."""

    line_length_limit = LINE

    def __init__(self) -> None:
        self.text = b""
        super().__init__(self, data_size_limit=MOST, hostname="mail.example", loop=asyncio.get_running_loop())
        self.said: list[str] = []
        self.session = Session(self.loop)
        self.session.host_name = "customer.example"
        self.envelope = Envelope()
        self.envelope.mail_from, self.envelope.rcpt_tos = "nadia@customer.example", ["support@support.example"]
        self.transport = asyncio.Transport()
        self._reader = asyncio.StreamReader(limit=LINE)

    async def push(self, status: str | bytes) -> None:
        self.said.append(str(status))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.text = envelope.original_content or b""
        return "250 kept"


async def _fed(stream: asyncio.StreamReader, cuts: Sequence[bytes]) -> None:
    for cut in cuts:
        stream.feed_data(cut)
        await asyncio.sleep(0)


async def _theirs(cuts: Sequence[bytes]) -> Read:
    reader = Theirs()
    await asyncio.wait_for(asyncio.gather(reader.smtp_DATA(""), _fed(reader._reader, cuts)), 5)
    reader._reader.feed_eof()
    words = {"250": "kept", "500": "long", "552": "much"}
    return words[reader.said[-1][:3]], reader.text, await reader._reader.read()


async def _ours(cuts: Sequence[bytes]) -> Read:
    stream = asyncio.StreamReader(limit=LINE)
    text: list[bytes] = []

    async def read() -> str:
        try:
            async for piece in data_reader.pieces(stream, most=MOST, longest_line=LINE):
                assert piece
                text.append(piece)
        except LineTooLong:
            return "long"
        except TooMuch:
            return "much"
        return "kept"

    what, _ = await asyncio.wait_for(asyncio.gather(read(), _fed(stream, cuts)), 5)
    stream.feed_eof()
    return what, b"".join(text) if what == "kept" else b"", await stream.read()


def _cut(wire: bytes, places: Sequence[int]) -> list[bytes]:
    at = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[a:b] for a, b in itertools.pairwise(at)]


bits = st.sampled_from(
    [b"\r\n", b".", b"\r", b"\n", b"..", b"a", b"\r\n.", b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n..", b"x" * 15]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(bits, max_size=24).map(b"".join), st.lists(st.integers(0, 400), max_size=12))
@example(b"", [])
@example(b".", [1, 2, 3])
@example(b"\r\n..", [3, 4, 5])
@example(b"x" * 36, list(range(40)))
@example(b"x" * 39 + b"\r\n", [])
@example(b"\r\n" * 59, [])
@example(b"\n.\r\n\r.\r\n\r\n.\r", list(range(20)))
async def test_every_cut_of_every_text_reads_as_the_library_reads_it(body: bytes, places: list[int]) -> None:
    wire = body + b"\r\n.\r\nMAIL FROM:<ines@customer.example>\r\n"
    theirs, ours = await _theirs(_cut(wire, places)), await _ours(_cut(wire, places))
    if {theirs[0], ours[0]} == {"long", "much"}:
        pass  # both bounds are passed by the same line: which one is named depends on the cuts
    elif theirs[0] == "long" and ours[0] != "long":
        assert b"\n" in body.replace(b"\r\n", b"")  # to us a bare line feed ends a line too, as far as its length goes
    elif ours[0] == "long":
        assert theirs[0] == "long"  # we do not wait for its end: it may have none
    else:
        assert ours == theirs


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 1000])
@pytest.mark.parametrize(
    ("wire", "text", "left"),
    [
        (b".\r\nQUIT\r\n", b"", b"QUIT\r\n"),
        (b"\r\n.\r\n", b"\r\n", b""),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b"a\r\n..b\r\n.c\r\n...\r\n.\r\n.\r\n", b"a\r\n.b\r\nc\r\n..\r\n", b".\r\n"),
        (b"a\n.\nb\r.\rc\n.\r\nd\r\n.\ne\r\r\n.\r\n", b"a\n.\nb\r.\rc\n.\r\nd\r\n\ne\r\r\n", b""),
    ],
    ids=["empty", "one line end", "a dot", "stuffed dots", "bare line ends end nothing"],
)
async def test_only_a_dot_between_two_line_ends_ends_a_mail(wire: bytes, text: bytes, left: bytes, step: int) -> None:
    assert await _ours([wire[at : at + step] for at in range(0, len(wire), step)]) == ("kept", text, left)


async def test_a_client_that_goes_away_is_noticed() -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"half a mail\r\n.")
    stream.feed_eof()
    with pytest.raises(ConnectionResetError):
        assert [piece async for piece in data_reader.pieces(stream, most=MOST, longest_line=LINE)] == []
