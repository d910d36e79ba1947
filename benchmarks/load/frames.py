"""RFC 6455 by hand, for clients that must be cheap: a handshake, masked text frames, and a scanner of what a server sends."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator

TEXT = 0x1
CLOSE = 0x8
PING = 0x9
_MASKED = 0x80
_NO_MASK = bytes(4)
"""A mask of zeros is a mask (§5.3): the server unmasks it at the full price, and we need not."""


def text(payload: bytes, *, opcode: int = TEXT) -> bytes:
    """One final, masked frame (§5.2)."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, _MASKED | size))
    elif size < 65_536:
        head = bytes((0x80 | opcode, _MASKED | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, _MASKED | 127)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


def pong(payload: bytes) -> bytes:
    return text(payload, opcode=0xA)


def connect(port: int, path: str, *, cookie: str = "") -> tuple[socket.socket, bytes]:
    """A connection after its handshake (§4.1), and what the server had already sent behind it. Raises OSError."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = base64.b64encode(os.urandom(16)).decode()
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    asked += f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
    line.sendall(asked.encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        chunk = line.recv(65_536)
        if not chunk:
            raise ConnectionError(f"The server on port {port} closed in the handshake: {answer[:200]!r}")
        answer += chunk
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(f"The server on port {port} refused {path}: {head[:200]!r}")
    return line, rest


def scan(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """The complete frames at the head of a buffer, which are taken out of it: (opcode, payload). Servers do not mask (§5.1)."""
    at, end = 0, len(buffer)
    while end - at >= 2:
        size, start = buffer[at + 1], at + 2
        if size == 126:
            start, size = at + 4, int.from_bytes(buffer[at + 2 : at + 4], "big")
        elif size == 127:
            start, size = at + 10, int.from_bytes(buffer[at + 2 : at + 10], "big")
        if start + size > end:
            break
        yield buffer[at] & 0x0F, bytes(buffer[start : start + size])
        at = start + size
    del buffer[:at]
