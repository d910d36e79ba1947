"""Serves the pages and sockets by uvicorn, in the process's own loop and with the bounds that Daphne has. Knows not what it serves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from server.environment import BadSetting

if TYPE_CHECKING:
    from server.process import Process

LAST_REQUESTS = 5
"""Seconds that open requests have to end when the process stops."""


def run(process: Process, web: socket.socket) -> None:
    """Until the process stops."""
    try:
        import uvicorn
        import websockets  # noqa: F401  # uvicorn speaks WebSocket through it, and would answer each with 400 without
    except ImportError as problem:
        raise BadSetting(
            f"THROUGHLINE_SERVER=uvicorn needs {problem.name}, which is not installed: pip install uvicorn websockets, "
            "or set THROUGHLINE_SERVER=daphne."
        ) from problem

    from chat.live import stopping as live
    from server.asgi import application
    from server.process import LARGEST_FRAME, PING_EVERY, stop
    from server.uvicorn_bodies import BoundedBodies
    from server.uvicorn_socket import BoundedSocket

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """The process hears them itself."""
            yield

    server = Server(
        uvicorn.Config(
            BoundedBodies(application),  # type: ignore[arg-type]  # an ASGI application, typed as we type them
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            headers=[("server", "throughline")],
            server_header=False,
            ws=BoundedSocket,
            ws_max_size=LARGEST_FRAME,
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PING_EVERY,
            # Small frames gain nothing by it, and each line would hold a dictionary to deflate with.
            ws_per_message_deflate=False,
            proxy_headers=bool(settings.TRUSTED_PROXIES),
            forwarded_allow_ips="*",
            timeout_graceful_shutdown=LAST_REQUESTS,
        )
    )

    async def until_stopped() -> None:
        serving = asyncio.create_task(server.serve(sockets=[web]))
        stopping = asyncio.create_task(process.stopping.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        process.stopping.set()
        for listener in getattr(server, "servers", ()):
            listener.close()
        await live.close_all()
        server.should_exit = True
        await serving
        await stop(process)

    process.loop.run_until_complete(until_stopped())
