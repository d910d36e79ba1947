"""Serves the pages and sockets by Daphne, in the process's own loop. Knows how Daphne is set up, not what it serves."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from server.process import Process


def run(process: Process, web: socket.socket) -> None:
    """Until the process stops. Twisted must get its loop before any of it is imported."""
    from twisted.internet import asyncioreactor

    asyncioreactor.install(process.loop)
    from twisted.internet import reactor

    from server.asgi import application
    from server.daphne_server import PatientServer
    from server.process import LARGEST_FRAME, PING_EVERY, stop

    server = PatientServer(
        application,
        endpoints=[f"fd:fileno={os.dup(web.fileno())}"],
        signal_handlers=False,
        server_name="throughline",
        websocket_timeout=-1,
        websocket_max_message_size=LARGEST_FRAME,
        websocket_max_frame_size=LARGEST_FRAME,
        ping_interval=PING_EVERY,
        ping_timeout=PING_EVERY,
        application_close_timeout=10,
        verbosity=0,
        proxy_forwarded_address_header="X-Forwarded-For" if settings.TRUSTED_PROXIES else None,
    )

    async def until_stopped() -> None:
        await process.stopping.wait()
        web.close()
        await stop(process)
        reactor.callLater(0, reactor.stop)  # type: ignore[arg-type,misc]  # the reactor is an object, not the interface it is typed as

    watcher = process.loop.create_task(until_stopped())
    server.run()
    watcher.cancel()
