"""The frames that the load speaks by hand, against a library that knows RFC 6455."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from benchmarks.load import frames

SIZES = (0, 1, 125, 126, 65_535, 65_536)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_the_load_is_read_by_others(size: int) -> None:
    payload = b"x" * size
    stream = StreamReader()
    stream.feed_data(frames.text(payload))
    reading = Frame.parse(stream.read_exact, mask=True)
    with pytest.raises(StopIteration) as read:
        next(reading)
    assert (read.value.value.opcode, bytes(read.value.value.data)) == (Opcode.TEXT, payload)


@pytest.mark.parametrize("size", SIZES)
def test_frames_of_others_are_found_wherever_the_stream_is_cut(size: int) -> None:
    sent = [Frame(Opcode.TEXT, b"a" * size), Frame(Opcode.PING, b"?"), Frame(Opcode.TEXT, b"the last")]
    stream = b"".join(frame.serialize(mask=False) for frame in sent)
    for cut in {0, 1, 2, 3, len(stream) // 2, len(stream) - 1}:
        buffer = bytearray(stream[:cut])
        found = list(frames.scan(buffer))
        buffer += stream[cut:]
        found += list(frames.scan(buffer))
        assert found == [(frame.opcode, bytes(frame.data)) for frame in sent]
        assert not buffer
