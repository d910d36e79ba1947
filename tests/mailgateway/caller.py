"""A client that speaks SMTP octet by octet, for what no mail program does, and gates of every sort for it to call at."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mailgateway import smtpd

NADIA = b"MAIL FROM:<nadia@customer.example>\r\n"
SUPPORT = b"RCPT TO:<support@support.example>\r\n"
CODED = re.compile(rb"[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3} \S")


class Wire:
    """One connection. Every wait ends after ten seconds."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def hear(self) -> bytes:
        """One whole answer, all its lines; empty at the end."""
        answer = b""
        while True:
            line = await asyncio.wait_for(self._reader.readline(), 10)
            answer += line
            if line[3:4] != b"-":
                return answer

    def send(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def ask(self, line: bytes) -> bytes:
        self.send(line if line.endswith(b"\r\n") else line + b"\r\n")
        return await self.hear()

    async def begin(self, *recipients: bytes, hello: bytes = b"EHLO x") -> None:
        """As far as the text of a mail."""
        for line in (hello, NADIA, *(recipients or (SUPPORT,))):
            answer = await self.ask(line)
            assert answer[:1] == b"2", answer
        assert (await self.ask(b"DATA"))[:3] == b"354"

    async def rest(self) -> bytes:
        """What is said until the other end hangs up."""
        try:
            return await asyncio.wait_for(self._reader.read(), 10)
        except ConnectionResetError:
            return b""

    def stop_talking(self) -> None:
        self._writer.write_eof()

    async def secure(self, trusting: ssl.SSLContext) -> None:
        await asyncio.wait_for(self._writer.start_tls(trusting, server_hostname="localhost"), 10)

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def called(port: int | str, *, greeted: bool = True) -> AsyncIterator[Wire]:
    """A connection to a port of this machine, or to a path."""
    pair = asyncio.open_unix_connection(port) if isinstance(port, str) else asyncio.open_connection("127.0.0.1", port)
    wire = Wire(*await asyncio.wait_for(pair, 10))
    if greeted:
        assert (await wire.hear())[:4] == b"220 "
    try:
        yield wire
    finally:
        wire.close()


@asynccontextmanager
async def gate(*, lmtp: bool = False, path: Path | None = None) -> AsyncIterator[int | str]:
    """One more gate beside the one that the fixture opens; gives the port or the path."""
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    listener.bind(str(path) if path else ("127.0.0.1", 0))
    listener.listen(64)
    listener.setblocking(False)
    place: int | str = str(path) if path else listener.getsockname()[1]
    if path:
        path.chmod(0o666)
    server = await smtpd.listen(listener, lmtp=lmtp)
    try:
        yield place
    finally:
        server.close()
        await asyncio.wait_for(smtpd.finish(server), 20)
