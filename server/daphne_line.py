"""What a request and a WebSocket have in common under Daphne: an application, an end, and senders that wait while the write buffer is full.

Daphne's own `send` returns at once and everything piles up in the transport. Knows Twisted's producers and nothing of what is sent.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]


@implementer(IPushProducer)
class Line:
    """To be mixed into what a transport tells that its buffer is full (beyond 64 KiB) and empty again."""

    application: asyncio.Task[None] | None = None
    gone_at: float | None = None
    """When nobody was there any more, by time.monotonic()."""
    full: asyncio.Future[None] | None = None
    """Set while senders have to wait; it ends when they may go on."""

    async def reply(self, message: dict[str, Any]) -> None:
        """ASGI `send`: gives the message to the transport and returns once there is room for more. If nobody is there, nothing is sent."""
        if self.gone_at is None:
            self.handle_reply(message)
            if self.full is not None and message["type"] != "websocket.close":
                await self.flowing()

    async def flowing(self) -> None:
        """Wait until the buffer was emptied or nobody is there."""
        while self.full is not None:
            # Several may wait and one of them be cancelled, which must not end the waiting of the others.
            await asyncio.shield(self.full)

    if TYPE_CHECKING:

        def handle_reply(self, message: dict[str, Any]) -> None: ...

        def check_timeouts(self) -> None: ...

        def left_alone(self, *, failed: bool) -> None:
            """The application ended while somebody is still there."""

    # IPushProducer

    def pauseProducing(self) -> None:
        if self.full is None:
            self.full = asyncio.get_running_loop().create_future()

    def resumeProducing(self) -> None:
        full, self.full = self.full, None
        if full is not None and not full.done():
            full.set_result(None)

    def stopProducing(self) -> None:
        self.resumeProducing()
