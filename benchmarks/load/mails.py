"""A few SMTP connections in a process of their own that send large mails while they are told to. Knows only enough SMTP for that."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from benchmarks.places import ROOT

CONNECTIONS = 2
SIZE = 5 * 1024 * 1024
RECIPIENT = "support@bench.example"


class Mails:
    """`with mails.coming():` mails arrive one after the other on each connection, as fast as they are taken."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load.mails", str(port)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._count, self._seconds = 0, 0.0

    @property
    def rate(self) -> float:
        """Mails a second while they came."""
        return self._count / self._seconds if self._seconds else 0.0

    @contextmanager
    def coming(self) -> Iterator[None]:
        began = time.monotonic()
        self._say("go\n")
        yield
        self._say("stop\n")
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer.strip().isdigit():
            raise RuntimeError("The mails stopped coming; the last words of their process stand above.")
        self._count += int(answer)
        self._seconds += time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word)
        self._process.stdin.flush()


def _mail(number: int) -> bytes:
    """A mail with a large attachment; each differs, since the same mail twice is one event."""
    head = f"From: Nadia <nadia{number}@customer.example>\r\nTo: {RECIPIENT}\r\nSubject: Dented shade {number}\r\n"
    head += f"Message-ID: <{number}.{time.time_ns()}@customer.example>\r\nMIME-Version: 1.0\r\n"
    head += 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the photo.\r\n--b\r\n'
    head += "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    line = b"QUJD" * 19 + b"\r\n"
    return head.encode() + line * ((SIZE - len(head)) // len(line)) + b"--b--\r\n"


class _Sender:
    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._line.makefile("rb")
        self._expect(b"220")
        self._ask(b"EHLO bench.example\r\n", b"250")

    def send(self, number: int) -> None:
        self._ask(f"MAIL FROM:<nadia{number}@customer.example>\r\n".encode(), b"250")
        self._ask(f"RCPT TO:<{RECIPIENT}>\r\n".encode(), b"250")
        self._ask(b"DATA\r\n", b"354")
        self._ask(_mail(number) + b".\r\n", b"250")

    def _ask(self, words: bytes, code: bytes) -> None:
        self._line.sendall(words)
        self._expect(code)

    def _expect(self, code: bytes) -> None:
        while True:
            answer = self._file.readline()
            if not answer.startswith(code):
                raise RuntimeError(f"The gateway said {answer!r} where {code.decode()} was due.")
            if answer[3:4] != b"-":
                return


def main(port: int) -> None:
    """Each `go` begins, each `stop` ends and is answered with the number of mails."""
    import threading

    number, sending = 0, threading.Event()
    guard = threading.Lock()

    def work() -> None:
        nonlocal number
        sender = _Sender(port)
        while True:
            sending.wait()
            with guard:
                number += 1
                mine = number
            sender.send(mine)

    for _ in range(CONNECTIONS):
        threading.Thread(target=work, daemon=True).start()
    before = 0
    while select.select([0], [], [])[0]:
        word = os.read(0, 100)
        if not word:
            return
        if b"go" in word:
            before = number
            sending.set()
        if b"stop" in word:
            sending.clear()
            sys.stdout.write(f"{number - before}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
