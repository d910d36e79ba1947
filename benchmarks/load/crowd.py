"""Everybody who is connected to one server: rounds of lines, each sender with a few in flight (closed) or at a given rate (open).

One thread over epoll: a line costs some microseconds here. Knows no protocol beyond its dialect.
"""

from __future__ import annotations

import select
import socket
import time
from collections import Counter, defaultdict
from typing import Any

from benchmarks.load import frames
from benchmarks.load.alarm import Alarm
from benchmarks.load.dialects import ACK, Dialect, Line

PATIENCE = 20.0
"""Seconds without any frame after which a round has failed."""
JOINING = 90.0
"""Seconds in which everybody must have been let in."""
RECEIVED = 32_768
"""Octets taken from a socket at once."""
FILLING = 0.2
"""Part of a round that goes before it."""
FEWEST = 20
"""Lines without which a round goes on: a rate made of fewer says nothing."""


class Crowd:
    """`members` are what the server's launcher prepared; senders are numbered in their order."""

    def __init__(self, dialect: Dialect, members: list[dict[str, Any]], ports: list[int]) -> None:
        self._dialect = dialect
        self._lines = [Line(number, member) for number, member in enumerate(members)]
        self._sockets: list[socket.socket] = []
        self._buffers: list[bytearray] = []
        self._out = [bytearray() for _ in members]
        self._by_fd: dict[int, int] = {}
        self._epoll = select.epoll()
        self._alarm = Alarm()
        self._epoll.register(self._alarm.fd, select.EPOLLIN)
        # Somebody who is alone in the room still waits for their own answer.
        self._listeners: dict[str, int] = defaultdict(int)
        for line in self._lines:
            self._listeners[line.room] += 1
        self._next = [0] * len(members)
        self._open: dict[tuple[int, int], list[Any]] = {}
        self._done = 0
        self._again: Counter[int] = Counter()
        self._acks: list[float] = []
        self._wholes: list[float] = []
        self._waiting = set(range(len(members)))
        for line in self._lines:
            self._connect(line, ports[line.side != "customer"] if len(ports) == 2 else ports[0])
        until = time.monotonic() + JOINING
        while self._waiting:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self._waiting)} of {len(members)} clients were not let in within {JOINING:.0f} s.")
            self._turn(0.5)

    def _connect(self, line: Line, port: int) -> None:
        connection, rest = frames.connect(port, self._dialect.path(line), cookie=line.cookie)
        connection.setblocking(False)
        self._sockets.append(connection)
        self._buffers.append(bytearray())
        self._by_fd[connection.fileno()] = line.number
        self._epoll.register(connection.fileno(), select.EPOLLIN)
        first = self._dialect.first(line)
        if not first:
            self._waiting.discard(line.number)
        for payload in first:
            self._send(line.number, frames.text(payload))
        self._take(line.number, rest)

    def closed(self, *, seconds: float, flying: int) -> dict[str, float]:
        """Each sender keeps `flying` lines under way; one is done when it is acknowledged and delivered to all others of its room.

        What is done in the first moments, while the queues fill, is not counted.
        """
        self._reset()
        now = time.perf_counter()
        for number in range(len(self._lines)):
            self._say(number, now, times=flying)
        self._keep_going(max(0.3, FILLING * seconds))
        self._done, self._acks, self._wholes = 0, [], []
        worked = time.process_time()
        passed = self._keep_going(seconds)
        done, cpu = self._done, (time.process_time() - worked) / passed
        self._drain()
        return {"rate": done / passed, "done": done, "seconds": passed, "lost": len(self._open), "load_cpu": cpu, **self._latencies()}

    def _keep_going(self, seconds: float) -> float:
        """Say the next line for each that is done; gives the seconds it took."""
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds or (self._done < FEWEST and now < began + PATIENCE):
            self._turn(min(0.5, abs(began + seconds - now)))
            now = time.perf_counter()
            # What one sender may say next goes out in one piece, as it does from a busy client: a system call costs most of a line.
            for sender, times in self._again.items():
                self._say(sender, now, times=times)
            self._again.clear()
        return time.perf_counter() - began

    def paced(self, *, seconds: float, rate: float) -> dict[str, float]:
        """Lines at `rate` a second, whatever the answers take; a line's time counts from when it was due."""
        self._reset()
        began = time.perf_counter()
        total = int(seconds * rate)
        for number in range(total):
            due = began + number / rate
            if time.perf_counter() < due:
                self._alarm.at(due)
                while time.perf_counter() < due:
                    self._turn(1.0)
            self._say(number % len(self._lines), due)
            if number % 8 == 0:
                self._turn(0)
        self._drain()
        return {"rate": rate, "done": self._done, "seconds": seconds, "lost": len(self._open), **self._latencies()}

    def idle(self) -> None:
        """Answer beats and pings, if there are any, while somebody else is measured."""
        self._turn(0.1)

    def end(self) -> None:
        for connection in self._sockets:
            connection.close()
        self._alarm.close()

    def _reset(self) -> None:
        self._open.clear()
        self._again.clear()
        self._done = 0
        self._acks, self._wholes = [], []

    def _drain(self) -> None:
        """What is under way comes home, so that the next round begins with a quiet server."""
        quiet = time.perf_counter() + PATIENCE
        while self._open and time.perf_counter() < quiet:
            before = len(self._open)
            self._turn(0.5)
            if len(self._open) < before:
                quiet = time.perf_counter() + PATIENCE
        self._again.clear()

    def _latencies(self) -> dict[str, float]:
        def at(values: list[float], part: float) -> float:
            return 1000 * values[min(len(values) - 1, int(part * len(values)))] if values else 0.0

        acks, wholes = sorted(self._acks), sorted(self._wholes)
        return {"ack50": at(acks, 0.5), "ack99": at(acks, 0.99), "whole50": at(wholes, 0.5), "whole99": at(wholes, 0.99)}

    def _say(self, sender: int, due: float, *, times: int = 1) -> None:
        line = self._lines[sender]
        dialect = self._dialect
        others = self._listeners[line.room] - (0 if dialect.echoed else 1) if dialect.rings else 0
        said = []
        for _ in range(times):
            number = self._next[sender] = self._next[sender] + 1
            self._open[sender, number] = [due, others + dialect.answered]
            said.append(frames.text(dialect.said(line, number)))
        self._send(sender, b"".join(said))

    def _send(self, who: int, data: bytes) -> None:
        waiting = self._out[who]
        if not waiting:
            try:
                sent = self._sockets[who].send(data)
            except BlockingIOError:
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
            self._epoll.modify(self._sockets[who].fileno(), select.EPOLLIN | select.EPOLLOUT)
        waiting += data

    def _turn(self, seconds: float) -> None:
        for fd, what in self._epoll.poll(seconds, 256):
            if fd == self._alarm.fd:
                self._alarm.heard()
                continue
            who = self._by_fd[fd]
            if what & select.EPOLLOUT:
                self._flush(who)
            if what & ~select.EPOLLOUT:
                self._hear(who)

    def _flush(self, who: int) -> None:
        waiting = self._out[who]
        if waiting:
            del waiting[: self._sockets[who].send(waiting)]
        if not waiting:
            self._epoll.modify(self._sockets[who].fileno(), select.EPOLLIN)

    def _hear(self, who: int) -> None:
        chunk = self._sockets[who].recv(RECEIVED)
        if not chunk:
            raise ConnectionError(f"The server closed the connection of client {who}: {bytes(self._buffers[who][:200])!r}")
        self._take(who, chunk)

    def _take(self, who: int, chunk: bytes) -> None:
        buffer, line, dialect = self._buffers[who], self._lines[who], self._dialect
        buffer += chunk
        now = time.perf_counter()
        for opcode, payload in frames.scan(buffer):
            if opcode != frames.TEXT:
                self._control(who, opcode, payload)
                continue
            if who in self._waiting:
                self._perhaps_in(who, payload)
                continue
            found = dialect.read(line, payload)
            if found is not None and (found[0] == ACK or found[1] != who or dialect.echoed):
                self._count(found, now, own=found[1] == who)
            answer = dialect.reply(line, payload)
            if answer is not None:
                self._send(who, frames.text(answer))

    def _perhaps_in(self, who: int, payload: bytes) -> None:
        say = self._dialect.ready(self._lines[who], payload)
        if say is None:
            return
        self._waiting.discard(who)
        for words in say:
            self._send(who, frames.text(words))

    def _count(self, found: tuple[int, int, int], now: float, *, own: bool) -> None:
        what, sender, number = found
        entry = self._open.get((sender, number))
        if entry is None:
            return
        if what == ACK or own:
            self._acks.append(now - entry[0])
        entry[1] -= 1
        if entry[1] == 0:
            del self._open[sender, number]
            self._wholes.append(now - entry[0])
            self._done += 1
            self._again[sender] += 1

    def _control(self, who: int, opcode: int, payload: bytes) -> None:
        if opcode == frames.PING:
            self._send(who, frames.pong(payload))
        elif opcode == frames.CLOSE:
            raise ConnectionError(f"The server closed client {who}: {payload!r}")
