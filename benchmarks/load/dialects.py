"""How each server is spoken to: what a client says at first, how it sends a line, and what it reads off the frames that come.

A line carries a mark, `~sender.number~`, by which its echo, its answer and its delivery are found without parsing anything.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

WORDS = "My lamp came with a dent in the shade. Could you have a look?"
GOT_EVERY = 32
"""Events after which a client says what it got, as docs/protocol.md asks."""


class Line:
    """What a dialect needs to know of one connection. `room` is the conversation, `number` the sender."""

    __slots__ = ("cookie", "got", "head", "number", "path", "room", "side", "token")

    def __init__(self, number: int, member: dict[str, Any]) -> None:
        self.number = number
        self.side: str = member.get("side", "customer")
        self.room: str = member.get("room", "0")
        self.token: str = member.get("token", "")
        self.cookie: str = member.get("cookie", "")
        self.path: str = member.get("path", "/")
        self.got = 0
        self.head = 0


class Dialect(ABC):
    """`answered` says whether the sender gets an ack of its own, `rings` whether lines reach the others of the room."""

    answered = True
    rings = True
    echoed = False
    """The sender's own delivery counts as the ack."""

    def path(self, line: Line) -> str:
        """Where the connection goes."""
        return line.path

    @abstractmethod
    def first(self, line: Line) -> list[bytes]:
        """Payloads to send after the handshake."""

    def ready(self, line: Line, payload: bytes) -> list[bytes] | None:
        """Whether with this frame the client is ready: None for not yet, else what to say to it."""
        return []

    @abstractmethod
    def said(self, line: Line, number: int) -> bytes:
        """The payload of one line."""

    @abstractmethod
    def read(self, line: Line, payload: bytes) -> tuple[int, int, int] | None:
        """(what, sender, number): `ACK` or `SEEN`, or None for a frame that does not matter."""

    def reply(self, line: Line, payload: bytes) -> bytes | None:
        """What this frame has to be answered with, if anything."""
        return None


ACK = 1
SEEN = 2


def mark(payload: bytes) -> tuple[int, int]:
    begin = payload.index(b"~") + 1
    sender, _, number = payload[begin : payload.index(b"~", begin)].partition(b".")
    return int(sender), int(number)


class Throughline(Dialect):
    """docs/protocol.md: `do`, `ack`, `event`, `got`."""

    def first(self, line: Line) -> list[bytes]:
        hello = {"t": "hello", "v": 1, "site": "bench", "visitor": line.token, "conversation": line.room, "after": 0}
        return [json.dumps(hello).encode()]

    def ready(self, line: Line, payload: bytes) -> list[bytes] | None:
        if payload.startswith(b'{"t":"live"'):
            line.head = line.got = json.loads(payload)["head"]
            return [self._got(line)]
        return None

    def said(self, line: Line, number: int) -> bytes:
        action = "say" if line.side == "customer" else "reply"
        return (
            f'{{"t":"do","key":"~{line.number}.{number}~","conversation":"{line.room}","action":"{action}",'
            f'"form":{{"text":"{WORDS} ~{line.number}.{number}~"}}}}'
        ).encode()

    def read(self, line: Line, payload: bytes) -> tuple[int, int, int] | None:
        if payload.startswith(b'{"t":"event"'):
            begin = payload.index(b'"position":') + 11
            line.head = int(payload[begin : payload.index(b",", begin)])
            if b"~" not in payload:
                return None
            return (SEEN, *mark(payload))
        if payload.startswith(b'{"t":"ack"'):
            return (ACK, *mark(payload))
        if payload.startswith((b'{"t":"refused"', b'{"t":"error"')):
            raise RuntimeError(f"The server refused: {payload[:300]!r}")
        return None

    def reply(self, line: Line, payload: bytes) -> bytes | None:
        if line.head - line.got >= GOT_EVERY:
            line.got = line.head
            return self._got(line)
        if payload.startswith(b'{"t":"beat"'):
            return b'{"t":"beat"}'
        return None

    def _got(self, line: Line) -> bytes:
        return f'{{"t":"got","conversation":"{line.room}","position":{line.head}}}'.encode()


class Echo(Dialect):
    """Sends what Throughline's clients send; whatever comes back with its mark is the answer."""

    rings = False

    def first(self, line: Line) -> list[bytes]:
        return []

    def said(self, line: Line, number: int) -> bytes:
        return Throughline.said(self, line, number)  # type: ignore[arg-type]  # the same octets, on purpose

    def read(self, line: Line, payload: bytes) -> tuple[int, int, int] | None:
        return (ACK, *mark(payload)) if b"~" in payload else None


class Tutorial(Dialect):
    """The chat of the Channels tutorial: `{"message": ...}` goes to everybody in the room, the sender too, and nothing is acknowledged."""

    answered = False
    echoed = True

    def path(self, line: Line) -> str:
        return f"/ws/chat/{line.room}/"

    def first(self, line: Line) -> list[bytes]:
        return []

    def said(self, line: Line, number: int) -> bytes:
        return json.dumps({"message": f"{WORDS} ~{line.number}.{number}~"}).encode()

    def read(self, line: Line, payload: bytes) -> tuple[int, int, int] | None:
        return (SEEN, *mark(payload))


class SocketIO(Dialect):
    """Engine.IO 4 and Socket.IO 5 as text frames: `0` open, `40` connect, `42n[...]` event with an ack `43n[...]`, `2` ping, `3` pong."""

    def path(self, line: Line) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def first(self, line: Line) -> list[bytes]:
        return [b"40" + json.dumps({"room": line.room}).encode()]

    def ready(self, line: Line, payload: bytes) -> list[bytes] | None:
        return [] if payload.startswith(b"40") else None

    def said(self, line: Line, number: int) -> bytes:
        mine = f"~{line.number}.{number}~"
        return f"42{number}".encode() + json.dumps(["say", {"key": mine, "room": line.room, "text": f"{WORDS} {mine}"}]).encode()

    def read(self, line: Line, payload: bytes) -> tuple[int, int, int] | None:
        if payload.startswith(b"42"):
            return (SEEN, *mark(payload))
        if payload.startswith(b"43"):
            return (ACK, line.number, int(payload[2 : payload.index(b"[")]))
        return None

    def reply(self, line: Line, payload: bytes) -> bytes | None:
        return b"3" if payload == b"2" else None


DIALECTS: dict[str, type[Dialect]] = {"throughline": Throughline, "echo": Echo, "tutorial": Tutorial, "socketio": SocketIO}
