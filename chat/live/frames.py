"""The frames of docs/protocol.md as typed structures: what may come in, what goes out. Knows nobody who sends them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

VERSION = 1
LARGEST = 65_536
"""Octets of one frame."""

Conversation = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,19}$")]
Position = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Token = Annotated[str, msgspec.Meta(max_length=200)]


class Incoming(msgspec.Struct, tag_field="t", tag=str.lower, forbid_unknown_fields=True):
    """Base of what a client may send; `t` is the class name in lower case."""


class Hello(Incoming):
    v: int
    site: Word = ""
    visitor: Token = ""
    conversation: Conversation = ""
    after: Position = 0


class Watch(Incoming):
    conversation: Conversation
    after: Position = 0


class Unwatch(Incoming):
    conversation: Conversation


class Do(Incoming):
    key: Key
    action: Word
    conversation: Conversation = ""
    form: dict[str, Any] = {}
    hold: bool = False
    """An agent would like some seconds to take it back."""


class Undo(Incoming):
    key: Key
    conversation: Conversation


class Typing(Incoming):
    conversation: Conversation
    on: bool


class Seen(Incoming):
    conversation: Conversation
    position: Position


class Got(Incoming):
    conversation: Conversation
    position: Position


class Beat(Incoming):
    pass


class Queue(Incoming):
    name: Word
    after: tuple[int, Conversation] | None = None


FromCustomer = Hello | Watch | Unwatch | Do | Typing | Seen | Got | Beat
FromAgent = FromCustomer | Queue | Undo


class Malformed(Exception):
    """The frame is none of ours; the sentence says why."""


class Reader:
    """Turns the text of a frame into one of the structures of a side."""

    def __init__(self, side: Any) -> None:
        self._decoder = msgspec.json.Decoder(side)

    def read(self, text: str) -> Incoming:
        """Raises Malformed."""
        try:
            frame: Incoming = self._decoder.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as problem:
            raise Malformed(str(problem)[:200] or "This is not a frame.") from problem
        return frame


def encode(t: str, **fields: Any) -> str:
    """A frame as the text that is sent."""
    return _encoder.encode({"t": t, **fields}).decode()


_encoder = msgspec.json.Encoder()


def identifier(conversation: str) -> int:
    """The conversation id behind its decimal text; 0 for none. Ids that fit no 64-bit column name no conversation either."""
    number = int(conversation or 0)
    return number if number < 2**63 else -1
