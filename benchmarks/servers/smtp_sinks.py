"""Two SMTP servers that throw away what they get: aiosmtpd as it comes, and the least that can be called a server.

`python -m benchmarks.servers.smtp_sinks aiosmtpd|least PORT`, until SIGTERM. They know nothing of the product.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session

END = b"\r\n.\r\n"


class Nothing:
    """aiosmtpd's handler that says yes to everything."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 OK"


class Least(asyncio.Protocol):
    """Answers the verbs in order and drops the text; looks for nothing in it but its end."""

    def __init__(self) -> None:
        self._waiting = b""
        self._in_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._say(b"220 least ESMTP")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while self._waiting:
            if self._in_text:
                at = self._waiting.find(END)
                if at < 0:
                    self._waiting = self._waiting[1 - len(END) :]
                    return
                self._waiting = self._waiting[at + len(END) :]
                self._in_text = False
                self._say(b"250 OK")
            else:
                line, end, rest = self._waiting.partition(b"\r\n")
                if not end:
                    return
                self._waiting = rest
                self._verb(line[:4].upper())

    def _verb(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._in_text = True
            self._say(b"354 Go on")
        elif verb == b"QUIT":
            self._say(b"221 Bye")
            self._transport.close()
        else:
            self._say(b"250 OK")

    def _say(self, answer: bytes) -> None:
        self._transport.write(answer + b"\r\n")  # type: ignore[attr-defined]  # a write transport


async def serve(what: str, port: int) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    make = Least if what == "least" else lambda: SMTP(Nothing(), hostname="sink.example", loop=loop)
    server = await loop.create_server(make, "127.0.0.1", port, backlog=512)
    await stopping.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
