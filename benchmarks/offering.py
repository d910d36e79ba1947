"""A server that offers 200 MB to whoever comes, as quickly as it may: over our own socket base at `/live`, as a download at `/download`.

Runs in the process, the loop and the web server of the product: `python -m benchmarks.offering`.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

PIECE = 65_536
PIECES = 200 * 1024 * 1024 // PIECE


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    import server.asgi
    from chat.live.wire import Wire
    from server import process

    class Offering(Wire):
        async def reading(self) -> None:
            self.put("welcome")
            for _ in range(PIECES):
                self.put("offer", words="x" * PIECE)
                await asyncio.sleep(0)
            await self.next_frame()

        async def leaving(self) -> None:
            return

    sockets: Any = Offering.application()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await sockets(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(PIECES):
            await send({"type": "http.response.body", "body": bytes(PIECE), "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body"})

    server.asgi.application = application  # type: ignore[assignment]
    process.run(("serve",))


if __name__ == "__main__":
    main()
