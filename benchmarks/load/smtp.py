"""Senders of mail in a process of their own: raw sockets, one thread, as few system calls as the dialogue allows.

`python -m benchmarks.load.smtp` reads one JSON line (port, size, connections, seconds, most) and answers with one (mails, seconds).
"""

from __future__ import annotations

import json
import secrets
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

PER_CONNECTION = 100
"""Mails after which a sender dials anew, as mail servers do."""
LINE = b"My lamp came with a dent in its shade, and the box was whole. Nadia\r\n"
MEANWHILE = 60.0
"""Seconds after which a server that does not answer fails the measurement."""


def text(size: int) -> bytes:
    """A mail of about this many octets, after a first line that each sending makes its own."""
    head = b"From: nadia@customer.example\r\nTo: support@support.example\r\nSubject: Dented shade\r\n\r\n"
    return head + LINE * max(1, (size - len(head) - 60) // len(LINE)) + b".\r\n"


@dataclass
class Sender:
    """One connection: verbs in one packet (RFC 2920), then the text, then the answer to it."""

    port: int
    sock: socket.socket = field(init=False)
    sent: int = 0
    lines: int = 0
    """Answers that are still to come before the next step."""
    texting: bool = False
    out: memoryview = field(default_factory=lambda: memoryview(b""))

    def dial(self) -> None:
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=MEANWHILE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = self.sock.makefile("rb")
        answers.readline()
        self.sock.sendall(b"EHLO load.example\r\n")
        while answers.readline()[3:4] == b"-":
            pass
        answers.detach()
        self.sock.setblocking(False)
        self.sent = 0

    def begin(self) -> None:
        self.lines, self.texting = 3, False
        self.out = memoryview(b"MAIL FROM:<nadia@customer.example>\r\nRCPT TO:<support@support.example>\r\nDATA\r\n")

    def heard(self, answer: bytes, text: bytes) -> bool:
        """Whether a mail was taken. Raises when it was refused."""
        if any(line[:1] not in b"23" for line in answer.split(b"\r\n") if line):
            raise RuntimeError(f"The server answered {answer[:200]!r}.")
        self.lines -= answer.count(b"\r\n")
        if self.lines:
            return False
        if self.texting:
            self.sent += 1
            return True
        self.lines, self.texting = 1, True
        self.out = memoryview(b"Message-ID: <%s@customer.example>\r\n" % secrets.token_hex(8).encode() + text)
        return False


def run(port: int, size: int, connections: int, seconds: float, most: int) -> dict[str, float]:
    """Send until `seconds` have passed or `most` mails were begun; every mail that was begun is waited for and counted."""
    body, taken = text(size), 0
    with selectors.DefaultSelector() as poll:
        senders = [Sender(port) for _ in range(connections)]
        for sender in senders:
            sender.dial()
        began = time.perf_counter()
        for sender in senders:
            sender.begin()
            poll.register(sender.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, sender)
        begun = len(senders)
        while poll.get_map():
            ready = poll.select(MEANWHILE)
            if not ready:
                raise RuntimeError("The server does not answer.")
            for key, events in ready:
                sender = key.data
                if events & selectors.EVENT_WRITE:
                    _push(poll, sender)
                if events & selectors.EVENT_READ and sender.heard(sender.sock.recv(65536) or b"closed", body):
                    taken += 1
                    ended = time.perf_counter()
                    if ended - began > seconds or begun >= most:
                        poll.unregister(sender.sock)
                        sender.sock.close()
                        continue
                    begun += 1
                    _again(poll, sender)
                elif sender.out:
                    _push(poll, sender)
    return {"mails": taken, "seconds": ended - began}


def _again(poll: selectors.BaseSelector, sender: Sender) -> None:
    if sender.sent >= PER_CONNECTION:
        poll.unregister(sender.sock)
        sender.sock.close()
        sender.dial()
        poll.register(sender.sock, selectors.EVENT_READ, sender)
    sender.begin()
    _push(poll, sender)


def _push(poll: selectors.BaseSelector, sender: Sender) -> None:
    try:
        while sender.out:
            sender.out = sender.out[sender.sock.send(sender.out) :]
    except BlockingIOError:
        pass
    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if sender.out else 0)
    if poll.get_key(sender.sock).events != wanted:
        poll.modify(sender.sock, wanted, sender)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)
