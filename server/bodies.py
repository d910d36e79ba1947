"""Bounds what Daphne takes in: it would spool a request's body to disk whole, whatever its length, before anything of ours is asked."""

from __future__ import annotations

from typing import Any

from daphne import server as daphne_server
from daphne.http_protocol import HTTPFactory, WebRequest

LARGEST = 32 * 1024 * 1024
"""Octets of a request's body: the largest upload, and its wrapping."""
_REFUSAL = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: 38\r\n\r\n"
    b"This is too large. Nothing was stored."
)


class BoundedRequest(WebRequest):
    """Refuses a body by its announced length, or in the middle if it runs over."""

    taken = 0
    refused = False

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

    def _refuse(self) -> None:
        if not self.refused:
            self.refused = True
            self.channel.transport.write(_REFUSAL)
            self.channel.loseConnection()


class BoundedFactory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


def bound() -> None:
    """Call before the server is made: Daphne names its factory in its own module and takes none from outside."""
    daphne_server.HTTPFactory = BoundedFactory
