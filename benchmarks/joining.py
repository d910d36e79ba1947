"""Connections that come and stay, for next to nothing: `python -m benchmarks.joining PORT PATH VISITORS`.

Reads `[how many more, how many at once]`, one JSON line each, and answers when they are in. At `/` (an echo) the handshake is all.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.load import frames

PATIENCE = 60.0
"""Seconds without anybody new after which those who are missing count as lost."""
PER_ADDRESS = 4_000
"""Connections from one address of this machine, which has some 28,000 ports for all who go to one place."""
HEADERS = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""As a browser has them: what a server keeps of them counts."""
HANDSHAKE, HELLO, LIVE = range(3)


class Joiner:
    __slots__ = ("buffer", "hello", "line", "stage")

    def __init__(self, line: socket.socket, hello: bytes) -> None:
        self.line, self.hello, self.stage = line, hello, HANDSHAKE
        self.buffer = bytearray()


class Joining:
    def __init__(self, port: int, path: str, visitors: list[tuple[str, str]]) -> None:
        self._port, self._path, self._visitors = port, path, visitors
        self._joiners: dict[int, Joiner] = {}
        self._epoll = select.epoll()
        self._begun = self.live = self._lost = 0

    def more(self, many: int, at_once: int) -> dict[str, float]:
        began = time.perf_counter()
        live, until = self.live, self._begun + many
        quiet = began + PATIENCE
        while self.live - live + self._lost < many and time.perf_counter() < quiet:
            while self._begun < until and self._begun - self.live - self._lost < at_once:
                self._begin()
            before = self.live
            self.turn(0.5)
            if self.live > before:
                quiet = time.perf_counter() + PATIENCE
        return {"live": self.live - live, "seconds": time.perf_counter() - began}

    def turn(self, seconds: float) -> None:
        for number, _ in self._epoll.poll(seconds, 512):
            if number == 0:
                continue
            joiner = self._joiners[number]
            try:
                chunk = joiner.line.recv(65_536)
            except ConnectionError:
                chunk = b""
            if not chunk:
                self._epoll.unregister(number)
                self._lost += joiner.stage != LIVE
                self.live -= joiner.stage == LIVE
                joiner.line.close()
                del self._joiners[number]
                continue
            joiner.buffer += chunk
            self._heard(joiner)

    def _begin(self) -> None:
        token, room = self._visitors[self._begun % len(self._visitors)]
        said = {"t": "hello", "v": 1, "site": "bench", "visitor": token, "conversation": room, "after": 0}
        line = socket.socket()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.bind((f"127.0.0.{1 + self._begun // PER_ADDRESS}", 0))
        line.connect(("127.0.0.1", self._port))
        line.sendall(HEADERS.format(path=self._path, port=self._port).encode())
        line.setblocking(False)
        self._joiners[line.fileno()] = Joiner(line, frames.text(json.dumps(said).encode()))
        self._epoll.register(line.fileno(), select.EPOLLIN)
        self._begun += 1

    def _heard(self, joiner: Joiner) -> None:
        if joiner.stage == HANDSHAKE:
            head, end, _ = joiner.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            del joiner.buffer[: len(head) + 4]
            if self._path == "/":
                self._in(joiner)
            else:
                joiner.stage = HELLO
                joiner.line.sendall(joiner.hello)
        for opcode, payload in frames.scan(joiner.buffer):
            if opcode == frames.PING:
                joiner.line.sendall(frames.pong(payload))
            elif payload.startswith(b'{"t":"live"'):
                self._in(joiner)
            elif payload.startswith(b'{"t":"beat"'):
                joiner.line.sendall(frames.text(b'{"t":"beat"}'))

    def _in(self, joiner: Joiner) -> None:
        joiner.stage = LIVE
        self.live += 1


def main(port: int, path: str, visitors: Path) -> None:
    joining = Joining(port, path, json.loads(visitors.read_text()))
    waiting = b""
    while True:
        while not select.select([0], [], [], 0)[0]:
            joining.turn(0.1)
        chunk = os.read(0, 65_536)
        if not chunk:
            return
        waiting += chunk
        while b"\n" in waiting:
            asked, _, waiting = waiting.partition(b"\n")
            found: dict[str, Any] = joining.more(*json.loads(asked))
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
