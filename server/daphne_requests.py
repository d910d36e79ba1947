"""Requests under Daphne, bounded both ways: a body that is too large is refused, and an answer is made no faster than it is read.

Daphne would spool a body to disk whole, whatever its length, before anything of ours is asked.
"""

from __future__ import annotations

import asyncio
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest

from server.daphne_line import Line
from server.refusal import LARGEST, TOO_LARGE

STALLED = 120.0
"""Seconds for some 100 KB of an answer; a reader who takes longer has stopped reading."""
_REFUSAL = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(TOO_LARGE), TOO_LARGE)
)


class BoundedRequest(Line, WebRequest):  # type: ignore[misc]  # daphne has no types
    """Refuses a body by its announced length, or in the middle if it runs over; its `send` waits for the reader."""

    taken = 0
    refused = False

    # In

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > LARGEST:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self.taken += len(data)
        if self.taken > LARGEST:
            self._refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def process(self) -> None:
        transport = self.transport
        super().process()
        if self.transport is None:
            self._handed_over(transport)

    # Out

    def handle_reply(self, message: dict[str, Any]) -> None:
        starts = message.get("type") == "http.response.start"
        if starts:
            try:
                self.server.check_headers_type(message)
            except ValueError:
                super().handle_reply({"type": "http.response.start", "status": 500, "headers": []})
                super().handle_reply({"type": "http.response.body"})
                raise
        super().handle_reply(message)
        if starts and self.channel is not None:
            self.registerProducer(self, True)

    async def flowing(self) -> None:
        try:
            async with asyncio.timeout(STALLED):
                await super().flowing()
        except TimeoutError:
            self.transport.abortConnection()

    def finish(self) -> None:
        self._no_more()
        super().finish()

    def connectionLost(self, reason: Any) -> None:
        self._no_more()
        super().connectionLost(reason)

    def left_alone(self, *, failed: bool) -> None:
        if self._response_started:
            # Cut short, it must not look complete.
            self.transport.abortConnection()
        else:
            self.basic_error(500, b"Internal Server Error", "Something went wrong here.")

    def _no_more(self) -> None:
        if self.producer is not None:
            self.unregisterProducer()
        self.stopProducing()

    def _refuse(self) -> None:
        if not self.refused:
            self.refused = True
            self.channel.transport.write(_REFUSAL)
            self.channel.loseConnection()

    def _handed_over(self, transport: Any) -> None:
        """A WebSocket has the line now. Daphne would keep request and channel as long as it lives, and let the channel mind its buffer."""
        transport.unregisterProducer()
        if transport.connected and not transport.disconnecting:
            transport.registerProducer(transport.protocol, True)
        self.channel.requests.clear()
        self.channel.transport.protocol = transport.protocol
        self.content.close()


class BoundedFactory(HTTPFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol
